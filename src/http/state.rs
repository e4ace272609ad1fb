//! What every handler works with, and the way from the event loop to the database and back.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_web::{dev::Extensions, web};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{
    address::ClientAddress,
    call::Guard,
    exports::Exports,
    gates::{Gates, HEAVY, kibibytes, place},
    jobs::JobRunner,
    limits::Limiter,
    problem::{ApiError, ProblemCode},
    received::Places,
    streams::Streams,
    transport::Transport,
};
use crate::{
    access::{Access, Admission, Admitted, Recognised, Refusal, Secret, Throttle, forget_what_is_over},
    model::budgets::{Budget, Charge, Effort},
    research::{CursorSeal, Memo},
    store::{Obstacle, ReadTx, RunningAt, Waiting},
    usecase::{Archive, Error, Result},
};

/// The archive with all that serving it needs. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// What the request that this is for may take of the readers.
    pub effort: Effort,
    pub archive: Archive,
    pub access: Arc<Access>,
    pub seal: CursorSeal,
    /// Counts that were made before.
    pub memo: Arc<Memo>,
    pub gates: Arc<Gates>,
    pub api: Arc<ApiDocument>,
    pub transport: Arc<Transport>,
    /// Budgets of requests; none when they are not limited.
    pub limiter: Option<Arc<Limiter>>,
    pub throttle: Arc<Throttle>,
    pub streams: Arc<Streams>,
    pub exports: Arc<Exports>,
    pub jobs: Arc<JobRunner>,
}

/// The finished OpenAPI document, and what was read from it.
pub struct ApiDocument {
    pub json: web::Bytes,
    pub yaml: web::Bytes,
    pub etag: String,
    /// Path templates and their methods, for 405.
    pub methods: Vec<(String, Vec<String>)>,
    /// The guards of what is served, by method and route pattern.
    pub guards: HashMap<(String, String), Guard>,
}

impl AppState {
    /// Takes a request without an account that nobody handles from the budget of reading.
    pub fn charge_read(
        &self,
        extensions: &mut Extensions,
        address: ClientAddress,
    ) -> std::result::Result<(), ApiError> {
        let charge = Charge { budget: Some(Budget::Read), cost: 1, effort: Effort::Cheap };
        self.charge(extensions, charge, None, address)
    }

    /// Takes a request from its budget, that of the account or else of the address. The middleware puts what is left into
    /// the headers of whatever the answer will be.
    pub fn charge(
        &self,
        extensions: &mut Extensions,
        charge: Charge,
        account: Option<&str>,
        address: ClientAddress,
    ) -> std::result::Result<(), ApiError> {
        let (Some(limiter), Some(budget)) = (&self.limiter, charge.budget) else { return Ok(()) };
        let Some(charged) = limiter.charge(budget, charge.cost, account, address.group) else { return Ok(()) };
        extensions.insert(charged);
        if charged.is_refused { Err(charged.problem()) } else { Ok(()) }
    }

    /// Reads outside the event loop, each statement by itself.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut ReadTx) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let store = self.archive.store.clone();
        self.reading(move || store.read(work)).await
    }

    /// Reads past a replica, which may be behind.
    pub async fn read_fresh<T: Send + 'static>(
        &self,
        work: impl Fn(&mut ReadTx) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let store = self.archive.store.clone();
        self.reading(move || store.read_fresh(work)).await
    }

    /// Reads that all see the same state of the archive.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut ReadTx) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let store = self.archive.store.clone();
        self.reading(move || store.snapshot(work)).await
    }

    /// Work that writes, through the archive.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Archive) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let archive = self.archive.clone();
        let done = self.blocking(&self.gates.writers, move || work(&archive)).await;
        // It may have published something; whether it has, the poller sees.
        self.streams.nudge();
        done
    }

    /// A write that works on so many bytes of bodies. Those that take long wait for each other before they wait with the
    /// others.
    pub async fn write_of<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Archive) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        if bytes < HEAVY {
            return self.write(work).await;
        }
        let place = place(&self.gates.heavy, Instant::now() + self.gates.wait).await?;
        self.write(move |archive| {
            let _place = place;
            work(archive)
        })
        .await
    }

    /// Bytes of the bodies that a submission proposes; 0 where there is none.
    pub async fn bytes_of_submission(&self, id: &str) -> std::result::Result<usize, ApiError> {
        let id = id.to_owned();
        let bytes = self.read_fresh(move |tx| Ok(tx.bytes_of_contents(&id)?)).await?;
        Ok(usize::try_from(bytes).unwrap_or_default())
    }

    /// Work on sessions that computes no hash of a password.
    pub async fn session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Access, &Archive) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let (access, archive) = (self.access.clone(), self.archive.clone());
        self.blocking(&self.gates.sessions, move || work(&access, &archive)).await
    }

    /// Work that hashes passwords. It has a gate of its own, so that it can starve neither readers nor who has signed in.
    pub async fn account<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Access, &Archive) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let (access, archive) = (self.access.clone(), self.archive.clone());
        self.blocking(&self.gates.accounts, move || work(&access, &archive)).await
    }

    /// An attempt at the password (or another secret) of an account. Who has failed too often is told to wait, before any
    /// work is done; whether the account exists makes no difference. A failure is [`Error::WrongCredentials`].
    pub async fn attempt<T: Send + 'static>(
        &self,
        name: &str,
        client: ClientAddress,
        work: impl FnOnce(&Access, &Archive) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let (throttle, name) = (self.throttle.clone(), name.to_owned());
        throttle.admit(&name, client.group, self.archive.now())?;
        let is_home = throttle.is_home(&name, client.group);
        let gate = if is_home { &self.gates.homes } else { &self.gates.accounts };
        let (access, archive) = (self.access.clone(), self.archive.clone());
        self.blocking(gate, move || {
            // Once more: many attempts may have been let in while none of them had failed yet.
            throttle.admit(&name, client.group, archive.now())?;
            let outcome = work(&access, &archive);
            match &outcome {
                Ok(_) => throttle.succeeded(&name, client.group),
                Err(Error::WrongCredentials) => throttle.failed(&name, client.group, archive.now()),
                // Neither right nor wrong: the archive was busy, or something else was amiss.
                Err(_) => {}
            }
            outcome
        })
        .await
    }

    /// Who a token or API key belongs to. That it is used is noted beside the request, which does not wait for it.
    pub async fn authenticate(
        &self,
        token: Secret,
        recognised: Option<Recognised>,
    ) -> std::result::Result<Admission, ApiError> {
        let (access, archive) = (self.access.clone(), self.archive.clone());
        let work = move || access.authenticate(&archive, &token, recognised);
        let admission = self.blocking(&self.gates.readers, work).await?;
        if let Admission::In(Admitted { touch: Some(touch), .. }) = &admission {
            let touch = touch.clone();
            let state = self.clone();
            actix_web::rt::spawn(async move {
                let (access, archive) = (state.access.clone(), state.archive.clone());
                let noted = state.blocking(&state.gates.writers, move || access.touch(&archive, &touch)).await;
                if let Err(error) = noted {
                    tracing::warn!(%error, "the use of a session or key could not be noted");
                }
            });
        }
        Ok(admission)
    }

    /// Writes a refusal into the trail, unless there are too many. The answer does not wait for it.
    pub fn note_refusal(&self, refusal: Refusal) {
        let Some(left_out) = self.access.refusals.admit(&refusal, self.archive.now()) else { return };
        let state = self.clone();
        actix_web::rt::spawn(async move {
            let (access, archive) = (state.access.clone(), state.archive.clone());
            let work = move || access.note_refusal(&archive, &refusal, left_out);
            if let Err(error) = state.blocking(&state.gates.writers, work).await {
                tracing::warn!(%error, "a refusal could not be noted");
            }
        });
    }

    /// Forgets, now and then, what is over for long. Ends with whatever it runs in.
    pub async fn keep_house(self, every: Duration) {
        loop {
            let (access, archive) = (self.access.clone(), self.archive.clone());
            let work = move || forget_what_is_over(&archive, &access.tokens.settings, archive.now());
            match self.blocking(&self.gates.probes, work).await {
                Ok(forgotten) => tracing::info!(?forgotten, "what was over for long is deleted"),
                Err(error) => tracing::warn!(%error, "what was over for long could not be deleted"),
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Which sessions run now.
    pub fn running(&self) -> RunningAt {
        self.access.tokens.settings.running(self.archive.now())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> std::result::Result<(), ApiError> {
        let store = self.archive.store.clone();
        self.blocking(&self.gates.probes, move || store.ping().map_err(Error::Store)).await
    }

    /// What stands in the way of writing, if anything does. However many ask, one finds it out for all.
    pub async fn obstacle(&self) -> std::result::Result<Option<Obstacle>, ApiError> {
        let store = self.archive.store.clone();
        match store.known_obstacle() {
            Some(known) => Ok(known),
            None => self.blocking(&self.gates.probes, move || store.obstacle().map_err(Error::Store)).await,
        }
    }

    /// A place among the exports. It is taken until it is dropped.
    pub async fn place_for_export(&self) -> std::result::Result<OwnedSemaphorePermit, ApiError> {
        place(&self.gates.exports, Instant::now() + self.gates.wait).await
    }

    /// Room for a part of a large body. It is taken until it is dropped. Nobody gets more than half of all there is.
    pub async fn place_for_body(&self, owner: &str, bytes: usize) -> std::result::Result<Places, ApiError> {
        let own = self.gates.bodies.of(owner);
        Ok((self.room(&own, kibibytes(bytes)).await?, self.room(&self.gates.bodies.all, kibibytes(bytes)).await?))
    }

    /// Room for a large answer until it is sent. Who leaves many unread gets no more of them; the others wait for a while.
    pub async fn place_for_answer(&self, owner: &str, bytes: usize) -> std::result::Result<Places, ApiError> {
        let answers = &self.gates.answers;
        // The largest answer fills what one client gets.
        let kib = kibibytes(bytes).min(answers.share);
        let own = answers.of(owner).try_acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
        let own = own.map_err(|_| {
            let detail =
                "Read the answers to your earlier requests first: they take all the room that there is for you.";
            ApiError::new(ProblemCode::Unavailable, detail)
        })?;
        Ok((own, self.room(&answers.all, kib).await?))
    }

    /// Room for a document that takes so many bytes of memory once it is read, of a large body or a small one. It is taken
    /// until it is dropped.
    pub async fn place_for_document(
        &self,
        bytes: usize,
        is_large: bool,
    ) -> std::result::Result<OwnedSemaphorePermit, ApiError> {
        let room = kibibytes(bytes);
        let (documents, most) = match is_large {
            true => (&self.gates.documents, self.gates.documents_kib),
            false => (&self.gates.small_documents, self.gates.documents_kib / 4),
        };
        if room > most {
            let detail = "The document holds too many values. Send fewer at once.";
            return Err(ApiError::new(ProblemCode::PayloadTooLarge, detail));
        }
        self.room(documents, room).await
    }

    async fn room(&self, of: &Arc<Semaphore>, kib: usize) -> std::result::Result<OwnedSemaphorePermit, ApiError> {
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        match tokio::time::timeout(self.gates.wait, of.clone().acquire_many_owned(kib)).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::Busy.into()),
        }
    }

    /// Work on a large body, for which the event loop would have to stand still.
    pub async fn parse<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        self.blocking(&self.gates.heavy, move || Ok(work())).await
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let permit = place(gate, Instant::now() + self.gates.wait).await?;
        self.beyond(permit, work).await
    }

    /// Reads, with a place among the costly requests first where this is one.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let until = Instant::now() + self.gates.wait;
        let costly = match self.effort {
            Effort::Costly => Some(place(&self.gates.costly, until).await?),
            Effort::Cheap => None,
        };
        let reader = place(&self.gates.readers, until).await?;
        self.beyond((costly, reader), work).await
    }

    /// Does work on a blocking thread, which keeps the permits for as long as it goes on.
    pub(super) async fn beyond<T: Send + 'static>(
        &self,
        permit: impl Send + 'static,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ApiError> {
        let span = tracing::Span::current();
        // Dropped with this future: when the client has gone, or the answer has taken too long.
        let waiting = Waiting::default();
        let wanted = waiting.wanted();
        // The permit goes with the work, which ends at its next step when nobody waits for it any more.
        let guarded = move || {
            let _permit = permit;
            span.in_scope(|| wanted.work(work))
        };
        let result = web::block(guarded).await;
        result.map_err(|_| stopped())?.map_err(ApiError::from)
    }
}

/// The blocking pool has gone: the server is stopping, or the work panicked.
fn stopped() -> ApiError {
    tracing::error!("blocking work was given up");
    ApiError::new(ProblemCode::InternalError, "The fault is on the side of the archive.")
}
