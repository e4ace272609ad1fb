//! The one way a handler gets at the archive: a call that has passed the guard.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};

use super::{
    address::ClientAddress,
    caller::Caller,
    problem::{ApiError, ProblemCode},
    query::{Query, checked},
    received::{Pass, Unread},
    state::AppState,
};
use crate::{
    access::{Admission, Client, INVALID_KEY, Recognised, Secret},
    model::{
        budgets::charge_of,
        canon::sha256_hex,
        errors::{FieldErrors, cut},
        kinds::KindDescriptor,
        operations::Operation,
        refs::EntryKey,
    },
    usecase::{Actor, Credential, Error, IfMatch, RetryKey},
};

/// The id of a request: from the header `X-Request-Id` when it is a sensible one, else new.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Marks a HEAD request, which handlers see as a GET: a body that never ends must not be begun for it.
#[derive(Clone, Copy, Debug)]
pub struct HeadOnly;

/// What a request is held against before its handler sees it.
#[derive(Clone, Copy)]
pub struct Guard {
    pub operation: &'static Operation,
    /// The handler reads query parameters, and refuses those that it does not know.
    pub takes_parameters: bool,
}

/// A request whose caller may make it. Handlers take one as their first argument: without it they have no archive.
pub struct Call {
    pub state: AppState,
    pub request_id: String,
    pub address: ClientAddress,
    pub if_match: Option<IfMatch>,
    pub if_none_match: Option<String>,
    /// The program that calls, for the list of sessions and the audit trail.
    pub client: Client,
    actor: Option<Actor>,
    idempotency_key: Option<String>,
    target: String,
    /// The address without its query.
    pub path: String,
    /// The query parameters, as they came.
    pub query: Query,
}

impl Call {
    /// The account that calls. The guard promises one for every operation that needs it.
    pub fn actor(&self) -> Result<Actor, ApiError> {
        self.actor.clone().ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated, "The operation needs an account."))
    }

    /// What makes a retried request known again: who, which key, and all that the request is. What is given back wants
    /// the body, and takes some time over a large one.
    pub fn retry_key(&self) -> Option<impl FnOnce(&[u8]) -> RetryKey + Send + 'static> {
        let key = self.idempotency_key.clone()?;
        // A key may see less than its owner: it gets no answer that was made for another credential.
        let principal = match self.actor.as_ref().map(|a| (&a.user_id, &a.credential)) {
            None => "anonymous".to_owned(),
            Some((user, Credential::Key { id, .. })) => format!("{user} {id}"),
            Some((user, Credential::Session { .. } | Credential::Operator | Credential::Job { .. })) => user.clone(),
        };
        // Nor one that was made for another role.
        let role = self.actor.as_ref().map(|actor| actor.role);
        let request = format!("{}\n{:?}\n{role:?}", self.target, self.if_match);
        Some(move |body: &[u8]| {
            let fingerprint = sha256_hex(format!("{request}\n{}", sha256_hex(body)).as_bytes());
            RetryKey { principal, key, fingerprint }
        })
    }
}

impl FromRequest for Call {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let pass = Pass::announce(&req);
        let state = req.app_data::<web::Data<AppState>>().map(|state| state.get_ref().clone());
        let pattern = (req.method().as_str().to_owned(), req.match_pattern().unwrap_or_default());
        let guard = state.as_ref().and_then(|state| state.api.guards.get(&pattern).copied());
        let takes_nothing = guard.is_some_and(|guard| !guard.operation.has_body());
        let unread = takes_nothing.then(|| Unread::take(&req, payload));
        Box::pin(async move {
            let missing = || ApiError::new(ProblemCode::InternalError, "The fault is on the side of the archive.");
            // What is not declared cannot be called.
            let (mut state, guard) = state.zip(guard).ok_or_else(missing)?;
            let operation = guard.operation;
            // PostgreSQL cannot even look for a text with a NUL.
            if req.path().contains("%00") {
                return Err(Error::NotFound("address").into());
            }
            let address = ClientAddress::of(&req);
            let token = bearer(&req);
            let sent = token.as_ref().ok().and_then(Option::as_ref);
            let recognised = sent.and_then(|token| state.access.recognise(token, state.archive.now()));
            // Before anything is looked up: who has spent a budget costs nothing more.
            // What cannot be read is refused, and costs what reading nothing does.
            let query = Query::of(&req);
            let charge = charge_of(operation, query.as_ref().map_or(&[][..], |query| &query.0));
            let account = recognised.as_ref().map(|r| r.account.as_str());
            state.charge(&mut req.extensions_mut(), charge, account, address)?;
            state.effort = charge.effort;
            let caller = req.extensions().get::<Caller>().cloned().unwrap_or_default();
            let actor = admit(&state, caller, token?, recognised, operation).await?;
            let query = query?;
            if !guard.takes_parameters {
                let mut errors = FieldErrors::default();
                query.refuse_rest(&[], &mut errors);
                checked(errors)?;
            }
            if let Some(unread) = unread {
                unread.expect_nothing().await?;
            }
            let owner = actor.as_ref().map_or_else(|| address.group.to_string(), |actor| actor.user_id.clone());
            pass.give(&state, owner, operation.body.most(&state.archive.limits));
            Ok(Self {
                request_id: request_id(&req),
                address,
                if_match: if_match(&req)?,
                if_none_match: text_header(&req, header::IF_NONE_MATCH)?,
                idempotency_key: idempotency_key(&req)?,
                client: client(&req),
                target: format!("{} {}", req.method(), req.uri()),
                path: req.path().to_owned(),
                query,
                actor,
                state,
            })
        })
    }
}

/// The id the middleware has given the request.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// Where the request comes from, and what the client says it is.
fn client(req: &HttpRequest) -> Client {
    let user_agent = req.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned);
    Client { address: Some(ClientAddress::of(req).exact.to_string()), user_agent }
}

/// Holds the caller against the declaration: the role, then what they came in with. A token that is sent must be valid, even
/// where none is needed.
async fn admit(
    state: &AppState,
    caller: Caller,
    token: Option<Secret>,
    recognised: Option<Recognised>,
    operation: &Operation,
) -> Result<Option<Actor>, ApiError> {
    let Some(token) = token else {
        return match operation.who.least_role() {
            None => Ok(None),
            Some(_) => Err(ApiError::new(ProblemCode::Unauthenticated, "The operation needs an account.")),
        };
    };
    let admitted = match state.authenticate(token, recognised).await? {
        Admission::In(admitted) => admitted,
        Admission::Refused(refusal) => {
            caller.has_refused_key(refusal);
            return Err(INVALID_KEY.into());
        }
    };
    let actor = admitted.actor;
    caller.is(&actor);
    if admitted.lacks_totp && !operation.is_before_enrolment {
        let detail = "Accounts of this role need a second factor: set one up at /v1/me/totp.";
        return Err(ApiError::new(ProblemCode::TotpEnrolmentRequired, detail));
    }
    if let Some(least) = operation.who.least_role().filter(|least| actor.role < *least) {
        let detail = format!("The operation needs the role {}.", least.as_str());
        return Err(ApiError::new(ProblemCode::Forbidden, detail));
    }
    let detail = match (&actor.credential, operation.scope) {
        (Credential::Key { .. }, None) => "No API key will do for this: sign in.".to_owned(),
        (_, Some(scope)) if !actor.has(scope) => format!("The API key lacks the scope {}.", scope.as_str()),
        _ => return Ok(Some(actor)),
    };
    Err(ApiError::new(ProblemCode::InsufficientScope, detail))
}

fn bearer(req: &HttpRequest) -> Result<Option<Secret>, ApiError> {
    let Some(value) = text_header(req, header::AUTHORIZATION)? else { return Ok(None) };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(Secret::new(token.trim()))),
        _ => Err(ApiError::new(ProblemCode::InvalidToken, "Authorization is not of the form: Bearer <token>.")),
    }
}

fn text_header(req: &HttpRequest, name: header::HeaderName) -> Result<Option<String>, ApiError> {
    let Some(value) = req.headers().get(&name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| invalid_header(name.as_str(), "is not plain text"))?;
    Ok(Some(text.to_owned()))
}

fn invalid_header(name: &str, what: &str) -> ApiError {
    ApiError::new(ProblemCode::InvalidHeader, format!("The header {name} {what}."))
}

/// `If-Match` compares strongly (RFC 9110 section 13.1.1): weak tags match nothing.
fn if_match(req: &HttpRequest) -> Result<Option<IfMatch>, ApiError> {
    let Some(value) = text_header(req, header::IF_MATCH)? else { return Ok(None) };
    if value.trim() == "*" {
        return Ok(Some(IfMatch::Any));
    }
    let tags: Vec<String> = value.split(',').map(|t| t.trim().to_owned()).collect();
    let is_tag = |t: &String| {
        let quoted = t.strip_prefix("W/").unwrap_or(t);
        quoted.len() >= 2 && quoted.starts_with('"') && quoted.ends_with('"')
    };
    if !tags.iter().all(is_tag) {
        return Err(invalid_header("If-Match", "holds quoted tags, or *"));
    }
    Ok(Some(IfMatch::Tags(tags.into_iter().filter(|t| !t.starts_with("W/")).collect())))
}

/// `Idempotency-Key`: a structured-field string; a bare token is taken too.
fn idempotency_key(req: &HttpRequest) -> Result<Option<String>, ApiError> {
    let name = header::HeaderName::from_static("idempotency-key");
    if req.headers().get_all(&name).count() > 1 {
        return Err(invalid_header("Idempotency-Key", "is given once"));
    }
    let Some(value) = text_header(req, name)? else { return Ok(None) };
    let value = value.trim();
    let key = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    let is_key = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    if is_key {
        Ok(Some(key.to_owned()))
    } else {
        Err(invalid_header("Idempotency-Key", "is a string of 1 to 255 visible characters"))
    }
}

/// The kind that the path names.
#[derive(Clone, Copy, Debug)]
pub struct KindPath(pub &'static KindDescriptor);

impl FromRequest for KindPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let kind = req.match_info().get("kind").and_then(KindDescriptor::by_path);
        ready(kind.map(KindPath).ok_or_else(|| not_routed(req)))
    }
}

/// The entry that the path names.
#[derive(Clone, Debug)]
pub struct EntryPath {
    pub kind: &'static KindDescriptor,
    pub key: EntryKey,
}

impl FromRequest for EntryPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = req.match_info();
        let Some(kind) = path.get("kind").and_then(KindDescriptor::by_path) else {
            return ready(Err(not_routed(req)));
        };
        // What cannot be an id or a ref is not looked for.
        let key = path.get("id").and_then(|text| EntryKey::parse(kind, text));
        ready(key.map(|key| Self { kind, key }).ok_or_else(|| Error::NotFound("entry").into()))
    }
}

/// The problem of a request that no route takes: the address does not exist, or not for this method.
pub fn not_routed(req: &HttpRequest) -> ApiError {
    let path = req.path();
    let state = req.app_data::<web::Data<AppState>>();
    let mut methods = state.map(|s| s.api.methods_of(path)).unwrap_or_default();
    if methods.is_empty() {
        return ApiError::new(ProblemCode::RouteNotFound, format!("There is nothing at {}.", cut(path)));
    }
    if methods.iter().any(|m| m == "GET") {
        methods.push("HEAD".into());
    }
    let allow = methods.join(", ");
    let detail = format!("{} has the methods {allow}.", cut(path));
    ApiError { headers: vec![(header::ALLOW, allow)], ..ApiError::new(ProblemCode::MethodNotAllowed, detail) }
}

/// Answers what no route takes. Who tries addresses spends what reading would.
pub async fn unrouted(req: HttpRequest, state: web::Data<AppState>) -> Result<&'static str, ApiError> {
    let address = ClientAddress::of(&req);
    state.charge_read(&mut req.extensions_mut(), address)?;
    Err(not_routed(&req))
}
