//! Who writes all the time: the clients of each app, or users who know the application's name alone.

pub(crate) mod users;
pub(crate) mod workload;
