//! The errors of the RDS operations, as AWS names them.

/// An operation that RDS refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// AWS's error code, such as `InvalidGlobalClusterStateFault`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The reason, for people.
    pub message: String,
}

impl Refusal {
    fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into() }
    }

    /// There is no such global cluster.
    pub fn no_global_cluster(name: &str) -> Self {
        let message = format!("Global cluster {name} not found");
        Self::new("GlobalClusterNotFoundFault", 404, message)
    }

    /// There is no such cluster.
    pub fn no_cluster(name: &str) -> Self {
        let message = format!("DBCluster {name} not found.");
        Self::new("DBClusterNotFoundFault", 404, message)
    }

    /// There is no such instance.
    pub fn no_instance(name: &str) -> Self {
        let message = format!("DBInstance {name} not found.");
        Self::new("DBInstanceNotFound", 404, message)
    }

    /// There is no such snapshot.
    pub fn no_snapshot(name: &str) -> Self {
        let message = format!("DBClusterSnapshot not found: {name}");
        Self::new("DBClusterSnapshotNotFoundFault", 404, message)
    }

    /// It is not available yet.
    pub fn snapshot_state(name: &str) -> Self {
        let message = format!("Cannot copy the snapshot because it is not in the available state: {name}");
        Self::new("InvalidDBClusterSnapshotStateFault", 400, message)
    }

    /// There is one of that name.
    pub fn snapshot_exists(name: &str) -> Self {
        let message =
            format!("Cannot create the snapshot because one with the identifier {name} already exists.");
        Self::new("DBClusterSnapshotAlreadyExistsFault", 400, message)
    }

    /// The account has no room for another.
    pub fn too_many_snapshots() -> Self {
        Self::new("SnapshotQuotaExceeded", 400, "Cannot create more than 100 manual snapshots.")
    }

    /// The global cluster cannot do that now.
    pub fn global_state(message: impl Into<String>) -> Self {
        Self::new("InvalidGlobalClusterStateFault", 400, message)
    }

    /// The cluster cannot do that now.
    pub fn cluster_state(message: impl Into<String>) -> Self {
        Self::new("InvalidDBClusterStateFault", 400, message)
    }

    /// Two parameters exclude each other.
    pub fn combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", 400, message)
    }

    /// A parameter has a value that it cannot have.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", 400, message)
    }

    /// A parameter is missing.
    pub fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}");
        Self::new("MissingParameter", 400, message)
    }

    /// Something of the emulation failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", 500, message)
    }
}
