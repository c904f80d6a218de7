//! The decision: who is the writer, and what to publish.
//!
//! This crate holds everything that can be right or wrong about following a writer, and nothing that
//! touches the world: no AWS, no tokio, no clock, no randomness, no environment. Time is an argument,
//! calls go through the [`ports`], and a test reads `cargo metadata` so that it stays that way.
//!
//! The folders are the flow, from the ground up. Each imports only folders above it in this list; a test
//! holds that too.

pub mod words;

pub mod config;

pub mod answer;

pub mod world;

pub mod judge;

pub mod ports;

pub mod pass;

pub mod invocation;

pub mod failover;

pub mod operator;

pub mod probe;
