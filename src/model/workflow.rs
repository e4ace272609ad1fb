//! The life of a submission, as data: which action leads from which state to which, and who may take it.

use super::named::named;

named! {
    /// Where a submission stands.
    State {
        Draft = "draft", "Being written; seen by its author alone.";
        Submitted = "submitted", "Waiting for a reviewer.";
        InReview = "in_review", "Taken by a moderator; nobody else decides while the lease runs.";
        ChangesRequested = "changes_requested", "Back with its author, who is asked to change something.";
        Conflict = "conflict", "Approved, but its edits overlap with what was accepted since; to be resolved.";
        Publishing = "publishing", "An approved batch whose rows are being made public in chunks.";
        Accepted = "accepted", "Public.";
        Rejected = "rejected", "Refused, with a comment.";
        Withdrawn = "withdrawn", "Taken back by its author, or a draft left alone for too long.";
    }
}

impl State {
    /// Something can still be done with it.
    pub fn is_open(self) -> bool {
        TRANSITIONS.iter().any(|t| t.from == self)
    }
}

named! {
    /// What can be done with a submission.
    Action {
        Edit = "edit", "The author changes its contents.";
        Submit = "submit", "The author hands it in, for the first time or again.";
        Withdraw = "withdraw", "The author takes it back.";
        Take = "take", "A moderator takes it for review, or renews the lease.";
        Release = "release", "The holder of the lease gives it back.";
        Approve = "approve", "A moderator approves the version that was seen; with enough approvals it is published.";
        RequestChanges = "request_changes", "A moderator asks the author for changes, with a comment.";
        Reject = "reject", "A moderator refuses it, with a comment.";
        Resolve = "resolve", "The author or a moderator chooses a value for each place in conflict.";
        Publish = "publish", "A moderator publishes the next rows of an approved batch.";
        SetAside = "set_aside", "The author or a moderator leaves rows out of a batch.";
    }
}

named! {
    /// Who may take an action, beyond the role the route asks for.
    Party {
        Author = "author", "The author of the submission.";
        Reviewer = "reviewer", "A moderator who is not the author; administrators are no exception.";
        Either = "author or reviewer", "The author, or a moderator.";
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    pub from: State,
    pub action: Action,
    pub by: Party,
    /// Only the holder of the lease may do it.
    pub by_holder: bool,
    /// Where it can lead; the first is the usual outcome.
    pub to: &'static [State],
}

impl Transition {
    /// The usual outcome.
    pub fn usual(&self) -> State {
        self.to.first().copied().unwrap_or(self.from)
    }
}

const fn row(from: State, action: Action, by: Party, to: &'static [State]) -> Transition {
    Transition { from, action, by, by_holder: false, to }
}

const fn held(from: State, action: Action, to: &'static [State]) -> Transition {
    Transition { from, action, by: Party::Reviewer, by_holder: true, to }
}

/// Every transition there is. What is not here cannot be done.
pub const TRANSITIONS: &[Transition] = {
    use {Action::*, Party::*, State::*};
    &[
        row(Draft, Edit, Author, &[Draft]),
        row(Draft, Submit, Author, &[Submitted, Accepted]),
        row(Draft, Withdraw, Author, &[Withdrawn]),
        row(Submitted, Edit, Author, &[Submitted]),
        row(Submitted, Withdraw, Author, &[Withdrawn]),
        row(Submitted, Take, Reviewer, &[InReview]),
        row(Submitted, Approve, Reviewer, &[Accepted, Submitted, Conflict, Publishing]),
        row(Submitted, RequestChanges, Reviewer, &[ChangesRequested]),
        row(Submitted, Reject, Reviewer, &[Rejected]),
        row(InReview, Edit, Author, &[InReview]),
        row(InReview, Withdraw, Author, &[Withdrawn]),
        held(InReview, Take, &[InReview]),
        held(InReview, Release, &[Submitted]),
        held(InReview, Approve, &[Accepted, Submitted, Conflict, Publishing]),
        held(InReview, RequestChanges, &[ChangesRequested]),
        held(InReview, Reject, &[Rejected]),
        row(ChangesRequested, Edit, Author, &[ChangesRequested]),
        row(ChangesRequested, Submit, Author, &[Submitted, Accepted]),
        row(ChangesRequested, Withdraw, Author, &[Withdrawn]),
        row(ChangesRequested, Reject, Reviewer, &[Rejected]),
        row(Conflict, Edit, Author, &[Submitted]),
        row(Conflict, Resolve, Either, &[Submitted]),
        row(Conflict, Withdraw, Author, &[Withdrawn]),
        row(Conflict, Reject, Reviewer, &[Rejected]),
        row(Publishing, Approve, Reviewer, &[Publishing]),
        row(Publishing, Publish, Reviewer, &[Publishing, Accepted]),
        row(Draft, SetAside, Either, &[Draft]),
        row(Submitted, SetAside, Either, &[Submitted]),
        row(ChangesRequested, SetAside, Either, &[ChangesRequested]),
        row(Publishing, SetAside, Either, &[Publishing]),
    ]
};

/// Who asks, as far as the table is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Wrote the submission.
    pub is_author: bool,
    /// Has at least the role of a moderator.
    pub is_moderator: bool,
    /// Holds the lease.
    pub is_holder: bool,
}

/// Why an action cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is for somebody else to do.
    NotYours(Party),
    /// The state does not allow it.
    WrongState,
    /// Another moderator holds the lease.
    Leased,
}

/// The row for an action, or why there is none.
pub fn transition(from: State, action: Action, who: Standing) -> Result<&'static Transition, Refusal> {
    // Who may take an action does not depend on the state: a caller without the right learns nothing of the state.
    let by = TRANSITIONS.iter().find(|t| t.action == action).map(|t| t.by).ok_or(Refusal::WrongState)?;
    let allowed = match by {
        Party::Author => who.is_author,
        Party::Reviewer => who.is_moderator && !who.is_author,
        Party::Either => who.is_author || who.is_moderator,
    };
    if !allowed {
        return Err(Refusal::NotYours(by));
    }
    let row = TRANSITIONS.iter().find(|t| t.from == from && t.action == action).ok_or(Refusal::WrongState)?;
    if row.by_holder && !who.is_holder { Err(Refusal::Leased) } else { Ok(row) }
}

/// The table as Markdown, for the documentation.
pub fn table() -> String {
    let mut text = String::from("| from | action | who | to |\n| --- | --- | --- | --- |\n");
    for t in TRANSITIONS {
        let who = match (t.by_holder, t.by) {
            (true, _) => "the holder of the lease",
            (_, Party::Author) => "the author",
            (_, Party::Reviewer) => "a moderator who is not the author",
            (_, Party::Either) => "the author or a moderator",
        };
        let to: Vec<&str> = t.to.iter().map(|s| s.as_str()).collect();
        text.push_str(&format!("| {} | {} | {who} | {} |\n", t.from.as_str(), t.action.as_str(), to.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHOR: Standing = Standing { is_author: true, is_moderator: true, is_holder: false };
    const REVIEWER: Standing = Standing { is_author: false, is_moderator: true, is_holder: false };
    const HOLDER: Standing = Standing { is_holder: true, ..REVIEWER };

    #[test]
    fn an_action_belongs_to_one_party_and_a_cell_has_one_row() {
        for (i, a) in TRANSITIONS.iter().enumerate() {
            for (j, b) in TRANSITIONS.iter().enumerate().filter(|(_, b)| b.action == a.action) {
                assert_eq!(a.by, b.by, "{:?}", a.action);
                assert!(a.from != b.from || i == j);
            }
            assert!(!a.to.is_empty());
        }
    }

    #[test]
    fn nobody_decides_on_their_own_submission_and_decided_is_decided() {
        for action in [Action::Approve, Action::Reject, Action::RequestChanges, Action::Take] {
            assert!(transition(State::Submitted, action, AUTHOR).is_err());
            assert!(transition(State::Submitted, action, Standing::default()).is_err());
            assert!(transition(State::Submitted, action, REVIEWER).is_ok());
            assert_eq!(transition(State::InReview, action, REVIEWER).unwrap_err(), Refusal::Leased);
            assert!(transition(State::InReview, action, HOLDER).is_ok());
        }
        for state in [State::Accepted, State::Rejected, State::Withdrawn] {
            for who in [AUTHOR, REVIEWER, HOLDER] {
                assert!(Action::ALL.iter().all(|a| transition(state, *a, who).is_err()));
            }
        }
    }

    #[test]
    fn every_state_is_reached_and_every_undecided_one_is_left() {
        for state in State::ALL.iter().filter(|s| **s != State::Draft) {
            assert!(TRANSITIONS.iter().any(|t| t.to.contains(state)), "{state:?} is never reached");
        }
        for state in State::ALL {
            let is_final = matches!(state, State::Accepted | State::Rejected | State::Withdrawn);
            assert_eq!(is_final, !TRANSITIONS.iter().any(|t| t.from == *state), "{state:?}");
        }
    }
}
