//! The probe, as far as it is no AWS, no SQL and no clock: what it is told, what it makes of what it saw, when it looks
//! again, and the lines that CloudWatch takes its metrics out of.

pub mod answer;
pub mod event;
pub mod install;
pub mod metrics;
pub mod pace;
pub mod secret;
pub mod settings;
pub mod sight;
pub mod trouble;
