//! Who writes all the time: the clients of each app, users who know the application's name alone, or other people's programs.

pub(crate) mod clients;
pub(crate) mod users;
pub(crate) mod workload;
