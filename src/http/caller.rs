//! What becomes known of the caller while a request is worked on: for its log line, and for the trail when it is refused.

use std::{cell::RefCell, rc::Rc};

use super::{address::ClientAddress, problem::ProblemCode, state::AppState};
use crate::{
    access::{KeyRefusal, Refusal, Refused},
    usecase::Actor,
};

/// In the extensions of every request. The middleware keeps a copy, which outlives a request that is given up.
#[derive(Clone, Default)]
pub struct Caller(Rc<RefCell<Option<Refused>>>);

impl Caller {
    /// The guard knows who calls.
    pub fn is(&self, actor: &Actor) {
        *self.0.borrow_mut() = Some(Refused::Rights(actor.clone()));
    }

    /// The guard knows an API key that does not open.
    pub fn has_refused_key(&self, refusal: KeyRefusal) {
        *self.0.borrow_mut() = Some(Refused::Key(refusal));
    }

    /// The id of the account that calls.
    pub fn account(&self) -> Option<String> {
        match &*self.0.borrow() {
            Some(Refused::Rights(actor)) => Some(actor.user_id.clone()),
            _ => None,
        }
    }

    /// Sees to it that an answer which refuses rights, or a key, is in the trail. Nothing waits for that.
    pub fn note_refusal(&self, state: &AppState, code: ProblemCode, route: String, client: ClientAddress) {
        let Some(refused) = self.0.borrow().clone() else { return };
        let is_refusal = match &refused {
            Refused::Key(_) => code == ProblemCode::InvalidToken,
            Refused::Rights(_) => code.status() == 403,
        };
        if is_refusal {
            let (address, group) = (client.exact, client.group);
            state.note_refusal(Refusal { refused, code: code.as_str(), route, address, group });
        }
    }
}
