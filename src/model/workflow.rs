//! The life of a submission, as data: which action leads from which state to which.

use serde::Serialize;
use utoipa::ToSchema;

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written; seen by its author alone.
    Draft,
    /// Waiting for a reviewer.
    Submitted,
    /// Public.
    Accepted,
    /// Refused, with a comment.
    Rejected,
    /// Taken back by its author.
    Withdrawn,
}

impl State {
    pub const ALL: &'static [State] =
        &[State::Draft, State::Submitted, State::Accepted, State::Rejected, State::Withdrawn];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Accepted => "accepted",
            State::Rejected => "rejected",
            State::Withdrawn => "withdrawn",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<State> {
        Self::ALL.iter().copied().find(|s| s.as_str() == name)
    }
}

/// What can be done with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The author changes its contents.
    Edit,
    Submit,
    Withdraw,
    Approve,
    Reject,
}

impl Action {
    pub const ALL: &'static [Action] =
        &[Action::Edit, Action::Submit, Action::Withdraw, Action::Approve, Action::Reject];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Edit => "edit",
            Action::Submit => "submit",
            Action::Withdraw => "withdraw",
            Action::Approve => "approve",
            Action::Reject => "reject",
        }
    }
}

/// Who may take an action, beyond the role the route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The author of the submission.
    Author,
    /// A moderator who is not the author; administrators are no exception.
    OtherModerator,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    pub from: State,
    pub action: Action,
    pub by: Party,
    pub to: State,
}

const fn row(from: State, action: Action, by: Party, to: State) -> Transition {
    Transition { from, action, by, to }
}

/// Every transition there is. What is not here cannot be done.
pub const TRANSITIONS: &[Transition] = &[
    row(State::Draft, Action::Edit, Party::Author, State::Draft),
    row(State::Draft, Action::Submit, Party::Author, State::Submitted),
    row(State::Draft, Action::Withdraw, Party::Author, State::Withdrawn),
    row(State::Submitted, Action::Edit, Party::Author, State::Submitted),
    row(State::Submitted, Action::Withdraw, Party::Author, State::Withdrawn),
    row(State::Submitted, Action::Approve, Party::OtherModerator, State::Accepted),
    row(State::Submitted, Action::Reject, Party::OtherModerator, State::Rejected),
];

/// Why an action cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The author may not do it, or only the author may.
    NotYours(Party),
    /// The state does not allow it.
    WrongState,
}

/// The row for an action, or why there is none. `is_author` tells whether the caller wrote the submission,
/// `is_moderator` whether their role reaches that far.
pub fn transition(
    from: State,
    action: Action,
    is_author: bool,
    is_moderator: bool,
) -> Result<&'static Transition, Refusal> {
    // Who may take an action does not depend on the state: a caller without the right learns nothing of the state.
    let by = TRANSITIONS.iter().find(|t| t.action == action).map(|t| t.by).ok_or(Refusal::WrongState)?;
    let allowed = match by {
        Party::Author => is_author,
        Party::OtherModerator => is_moderator && !is_author,
    };
    if !allowed {
        return Err(Refusal::NotYours(by));
    }
    TRANSITIONS.iter().find(|t| t.from == from && t.action == action).ok_or(Refusal::WrongState)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_belongs_to_one_party_and_leads_one_way() {
        for a in TRANSITIONS {
            for b in TRANSITIONS.iter().filter(|b| b.action == a.action) {
                assert_eq!(a.by, b.by, "{:?}", a.action);
                assert!(a.from != b.from || a.to == b.to);
            }
        }
    }

    #[test]
    fn nobody_decides_on_their_own_submission_and_decided_is_decided() {
        for action in [Action::Approve, Action::Reject] {
            assert!(transition(State::Submitted, action, true, true).is_err());
            assert!(transition(State::Submitted, action, false, false).is_err());
            assert!(transition(State::Submitted, action, false, true).is_ok());
        }
        for state in [State::Accepted, State::Rejected, State::Withdrawn] {
            assert!(Action::ALL.iter().all(|a| transition(state, *a, true, true).is_err()));
            assert!(Action::ALL.iter().all(|a| transition(state, *a, false, true).is_err()));
        }
    }
}
