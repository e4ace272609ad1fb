//! Jobs: work that takes long, done beside the requests.

use super::named::named;

named! {
    /// What a job does.
    JobKind {
        Publish = "publish", "Publishes the rows of an approved batch.";
    }
}

named! {
    /// Where a job stands.
    JobState {
        Waiting = "waiting", "It waits for its turn.";
        Running = "running", "An instance of the archive works on it.";
        Done = "done", "It has ended, and `result` tells with what.";
        Failed = "failed", "It has ended, and `failure` tells why. What it did before stays.";
        Cancelled = "cancelled", "Its owner or an administrator has ended it. What it did before stays.";
    }
}

impl JobState {
    /// It is not over.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}
