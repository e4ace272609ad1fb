//! What the archive says about itself. Probes are not limited, however often they are called: the trial write of
//! `health_writable` is made at most once in two seconds.

use super::{Operation, get};
use crate::model::permissions::Scope::Read;

/// What they are, one declaration each.
pub(super) const OPERATIONS: &[Operation] = &[
    get("list_vocabularies", "/v1/vocabularies").anyone().scope(Read),
    get("list_problems", "/problems").anyone().scope(Read),
    get("get_problem", "/problems/{code}").anyone().scope(Read),
    get("health_live", "/health/live").anyone().scope(Read).unlimited(),
    get("health_ready", "/health/ready").anyone().scope(Read).unlimited(),
    get("health_writable", "/health/writable").anyone().scope(Read).unlimited(),
];
