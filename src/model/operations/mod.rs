//! Every operation of the API, declared once: where it is, who may call it and with which key, what it costs, how large
//! its body may be, what it does, and what it answers beside its own answer. The guard, the budgets and the OpenAPI
//! document read this and nothing else.

mod desk;
mod door;
mod meta;
mod record;

use super::{
    budgets::{Budget, Dear},
    limits::BodySize,
    permissions::{Role, Scope, Who},
};

/// The method of a request. A HEAD is handled as the GET that it asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The name as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// What calling an operation does to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it reads, or it computes.
    None,
    /// Something is added beside what is there.
    Adds,
    /// Something is different afterwards.
    Changes,
    /// Something is over, whatever state it was in; doing it again does no more.
    Ends,
    /// Secrets come in or go out: nothing of it is remembered.
    Secret,
}

/// What the answer of an operation says of the state that it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// It has no `ETag`.
    None,
    /// It has an `ETag`, and is given again each time.
    Shown,
    /// It has an `ETag`, and is not given again to whoever sends that in `If-None-Match`.
    Compared,
}

/// What the query string of an operation may hold beside the parameters of its handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    /// The filters of the kind that the path names.
    Filters,
}

/// The declaration of an operation. What it does not say is as narrow as can be: for administrators who have signed in,
/// without a body.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The id in the OpenAPI document, and the name of the handler. Operations on entries stand once for all kinds, with
    /// the word `entry` or `entries` in place of the kind's.
    pub id: &'static str,
    pub method: Method,
    /// The address. What stands in braces is filled in.
    pub path: &'static str,
    pub who: Who,
    /// What a key needs; `None` when no key will do: whoever calls has signed in.
    pub scope: Option<Scope>,
    pub body: BodySize,
    pub effect: Effect,
    /// The request names the state it is based on, in `If-Match`.
    pub is_conditional: bool,
    /// `None` when it is not limited.
    pub budget: Option<Budget>,
    /// Its work grows with what has piled up: all revisions of an entry, or all that a submission proposes. Such
    /// operations never take all readers.
    pub is_heavy: bool,
    /// Parameters that make it cost more.
    pub dear: &'static [Dear],
    pub tag: Tag,
    /// What `Location` leads to when something was made.
    pub location: Option<&'static str>,
    /// Statuses of problems beside those that [`Operation::problems`] derives.
    pub own_problems: &'static [u16],
    /// An account may call it that has yet to set up the second factor which its role needs.
    pub is_before_enrolment: bool,
    pub beside: Beside,
    /// Its answer is a file, in the formats of the kind.
    pub is_file: bool,
}

const fn get(id: &'static str, path: &'static str) -> Operation {
    Operation::new(Method::Get, id, path)
}

const fn post(id: &'static str, path: &'static str) -> Operation {
    Operation::new(Method::Post, id, path)
}

const fn put(id: &'static str, path: &'static str) -> Operation {
    Operation::new(Method::Put, id, path)
}

const fn patch(id: &'static str, path: &'static str) -> Operation {
    Operation::new(Method::Patch, id, path)
}

const fn delete(id: &'static str, path: &'static str) -> Operation {
    Operation::new(Method::Delete, id, path)
}

/// The words of a declaration.
impl Operation {
    /// By its method it reads, draws on the budget of reads and shows a state that can be compared; or it changes
    /// something, draws on that of writes and shows the state that it has led to.
    const fn new(method: Method, id: &'static str, path: &'static str) -> Self {
        let (effect, budget, tag) = match method {
            Method::Get => (Effect::None, Budget::Read, Tag::Compared),
            _ => (Effect::Changes, Budget::Write, Tag::Shown),
        };
        Self {
            id,
            method,
            path,
            who: Who::AtLeast(Role::Admin),
            scope: None,
            body: BodySize::Nothing,
            effect,
            is_conditional: false,
            budget: Some(budget),
            is_heavy: false,
            dear: &[],
            tag,
            location: None,
            own_problems: &[],
            is_before_enrolment: false,
            beside: Beside::Nothing,
            is_file: false,
        }
    }

    const fn anyone(self) -> Self {
        Self { who: Who::Anyone, ..self }
    }

    const fn editors(self) -> Self {
        Self { who: Who::AtLeast(Role::Editor), ..self }
    }

    const fn moderators(self) -> Self {
        Self { who: Who::AtLeast(Role::Moderator), ..self }
    }

    const fn admins(self) -> Self {
        Self { who: Who::AtLeast(Role::Admin), ..self }
    }

    const fn author_or_moderators(self) -> Self {
        Self { who: Who::AuthorOrModerator, ..self }
    }

    /// Keys with this scope reach it.
    const fn scope(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    const fn body(self, body: BodySize) -> Self {
        Self { body, ..self }
    }

    /// Although its method is that of a change.
    const fn reads(self) -> Self {
        Self { effect: Effect::None, ..self }
    }

    const fn adds(self) -> Self {
        Self { effect: Effect::Adds, ..self }
    }

    /// What is over is not shown.
    const fn ends(self) -> Self {
        Self { effect: Effect::Ends, tag: Tag::None, ..self }
    }

    /// A secret has no tag by which it could be asked for again.
    const fn secret(self) -> Self {
        Self { effect: Effect::Secret, tag: Tag::None, ..self }
    }

    /// It changes something that exists, and so needs `If-Match`.
    const fn if_match(self) -> Self {
        Self { is_conditional: true, ..self }
    }

    const fn budget(self, budget: Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    const fn unlimited(self) -> Self {
        Self { budget: None, ..self }
    }

    const fn heavy(self) -> Self {
        Self { is_heavy: true, ..self }
    }

    const fn dear(self, dear: &'static [Dear]) -> Self {
        Self { dear, ..self }
    }

    const fn tag(self, tag: Tag) -> Self {
        Self { tag, ..self }
    }

    const fn location(self, of: &'static str) -> Self {
        Self { location: Some(of), ..self }
    }

    const fn problems_too(self, statuses: &'static [u16]) -> Self {
        Self { own_problems: statuses, ..self }
    }

    const fn before_enrolment(self) -> Self {
        Self { is_before_enrolment: true, ..self }
    }

    const fn filtered(self) -> Self {
        Self { beside: Beside::Filters, ..self }
    }

    const fn file(self) -> Self {
        Self { is_file: true, ..self }
    }
}

/// What follows from a declaration.
impl Operation {
    /// Whether an account is needed.
    pub fn needs_account(&self) -> bool {
        self.who != Who::Anyone
    }

    /// Whether it has a body.
    pub fn has_body(&self) -> bool {
        self.body != BodySize::Nothing
    }

    /// Whether something in the path is filled in, and may not exist.
    pub fn names_something(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether a request with an `Idempotency-Key` has its effect once.
    pub fn is_retried_safely(&self) -> bool {
        self.needs_account() && matches!(self.effect, Effect::Adds | Effect::Changes)
    }

    /// Statuses of the problems that it can answer with.
    pub fn problems(&self) -> Vec<u16> {
        let mut statuses = vec![400, 401, 413, 500, 503];
        let mut also = |holds: bool, more: &[u16]| statuses.extend(more.iter().filter(|_| holds));
        // What is there may stand in the way, and what is sent may not fit to it.
        let meets_others = self.needs_account() && !matches!(self.effect, Effect::None | Effect::Ends);
        also(self.needs_account(), &[403]);
        also(self.budget.is_some(), &[429]);
        also(self.names_something(), &[404]);
        also(self.has_body(), &[408, 415, 422]);
        also(meets_others, &[409]);
        also(meets_others && self.effect != Effect::Secret, &[422]);
        also(self.is_conditional, &[412, 428]);
        also(true, self.own_problems);
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

/// All declarations, by what they are about.
pub const OPERATIONS: &[&[Operation]] = &[door::OPERATIONS, desk::OPERATIONS, record::OPERATIONS, meta::OPERATIONS];

/// All declarations, one after the other.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().copied().flatten()
}

/// The declaration of the operation with this id; `None` when there is none. The registration of the routes asks for it
/// while the program is compiled.
pub const fn declared(id: &str) -> Option<&'static Operation> {
    let mut area = 0;
    while area < OPERATIONS.len() {
        let mut row = 0;
        while row < OPERATIONS[area].len() {
            if is_same(OPERATIONS[area][row].id, id) {
                return Some(&OPERATIONS[area][row]);
            }
            row += 1;
        }
        area += 1;
    }
    None
}

/// Whether each declaration has its handler among these.
pub const fn are_all_among(handlers: &[&str]) -> bool {
    let mut area = 0;
    while area < OPERATIONS.len() {
        let mut row = 0;
        while row < OPERATIONS[area].len() {
            if !is_among(handlers, OPERATIONS[area][row].id) {
                return false;
            }
            row += 1;
        }
        area += 1;
    }
    true
}

const fn is_among(ids: &[&str], id: &str) -> bool {
    let mut i = 0;
    while i < ids.len() {
        if is_same(ids[i], id) {
            return true;
        }
        i += 1;
    }
    false
}

/// `==` of texts, which cannot be used yet while the program is compiled.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_is_declared_once() {
        let (mut ids, mut addresses) = (HashSet::new(), HashSet::new());
        for operation in operations() {
            assert!(ids.insert(operation.id), "{} is declared twice", operation.id);
            let address = (operation.method.as_str(), operation.path);
            assert!(addresses.insert(address), "{address:?} is declared twice");
            assert_eq!(declared(operation.id).map(|found| found.path), Some(operation.path));
        }
        assert!(ids.len() > 80);
    }

    #[test]
    fn no_declaration_contradicts_itself() {
        for operation in operations() {
            let Operation { id, method, effect, tag, .. } = *operation;
            let reads = effect == Effect::None;
            assert!(method != Method::Get || reads, "{id} changes something, and is asked for by GET");
            assert!(tag != Tag::Compared || reads, "{id} cannot be compared with what was read");
            let changes = effect == Effect::Changes && operation.needs_account();
            assert!(!operation.is_conditional || changes, "{id} has a condition, and nothing that it is on");
            let is_low = operation
                .scope
                .is_none_or(|scope| scope.least_role() <= operation.who.least_role().unwrap_or(Role::Editor));
            assert!(is_low, "{id} takes keys that none of its callers can have");
            assert!(operation.dear.is_empty() || operation.budget.is_some(), "{id} is dear and free");
        }
    }
}
