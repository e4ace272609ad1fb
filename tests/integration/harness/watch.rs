//! What the whole run says, kept aside, and the secrets it must not show: looked through when the last test is over,
//! since a line may show a secret before the test that gets it knows it.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, OnceLock},
};

use aho_corasick::AhoCorasick;
use kartoteka::store::Store;
use serde_json::Value;

use super::Answer;

/// The answers that show secrets, and the fields in which they do, once.
const HANDED_OUT: &[(&str, &str, &[&str])] = &[
    ("POST /v1/auth/login", "", &["access_token", "refresh_token"]),
    ("POST /v1/auth/refresh", "", &["access_token", "refresh_token"]),
    ("POST /v1/me/api-keys", "", &["key"]),
    ("POST /v1/me/totp", "", &["secret", "otpauth_uri"]),
    ("POST /v1/me/totp/confirm", "", &["recovery_codes"]),
    ("POST /v1/invitations", "", &["invitation_token"]),
    ("POST /v1/users/", "/password-reset", &["reset_token"]),
];

/// Fields of requests that are secrets.
const SENT: &[&str] =
    &["password", "current_password", "new_password", "otp", "refresh_token", "invitation_token", "reset_token"];

/// Shorter ones are no secrets, or cannot be told from other words: codes of six digits, passwords that are refused.
const SHORTEST: usize = 12;

/// What no line and no answer shows, whatever the secret.
const NEVER: &[&str] = &["$argon2", "argon2id"];

/// Shown on purpose, once in each place, to see that the search finds it.
const CANARY: &str = "a-canary-that-has-to-be-found";

/// Where something was said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Log,
    Answer,
    Program,
}

struct Watch {
    said: BufWriter<File>,
    secrets: BTreeSet<String>,
    /// How often something was said in each place.
    counts: [usize; 3],
}

fn watch() -> MutexGuard<'static, Watch> {
    static WATCH: OnceLock<Mutex<Watch>> = OnceLock::new();
    let new = || {
        let said = BufWriter::with_capacity(1 << 20, tempfile::tempfile().unwrap());
        Mutex::new(Watch { said, secrets: BTreeSet::new(), counts: [0; 3] })
    };
    WATCH.get_or_init(new).lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Watch {
    fn say(&mut self, place: Place, text: &[u8]) {
        self.counts[place as usize] += 1;
        self.said.write_all(text).unwrap();
        if !text.ends_with(b"\n") {
            self.said.write_all(b"\n").unwrap();
        }
    }

    /// Whether the secret is a new one that can be looked for.
    fn learn(&mut self, secret: &str) -> bool {
        // Of an API key and of a signed token the last part is the secret; the rest is shown in lists, or no secret.
        let part = match secret.strip_prefix("krt_") {
            Some(rest) => rest.split_once('_').map_or(rest, |(_, part)| part),
            None => secret.rsplit('.').next().unwrap_or_default(),
        };
        let letters: BTreeSet<char> = part.chars().collect();
        part.len() >= SHORTEST && letters.len() > 4 && self.secrets.insert(part.to_owned())
    }
}

/// The log of the servers in this process, one line at a time.
struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        watch().say(Place::Log, line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to keep what is logged, all of it but what the client of the tests says.
pub fn begin() {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::new("trace,reqwest=off,hyper=off,hyper_util=off");
    fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Log).init();
    learn(CANARY);
    tracing::trace!(CANARY, "planted");
    watch().say(Place::Answer, format!("POST /v1/auth/login {CANARY}").as_bytes());
    watch().say(Place::Program, CANARY.as_bytes());
}

/// Tells of a secret.
pub fn learn(secret: &str) {
    watch().learn(secret);
}

/// Tells of the keys that the archive signs with.
pub fn learn_keys(store: &Store) {
    for key in store.read(|tx| tx.signing_keys()).unwrap_or_default() {
        learn(&key.seed);
    }
}

/// Takes the secrets out of what is sent.
pub fn sent(bearer: Option<&str>, body: Option<&[u8]>) {
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        learn(token);
    }
    let Some(Ok(Value::Object(fields))) = body.map(serde_json::from_slice::<Value>) else { return };
    for secret in SENT.iter().filter_map(|name| fields.get(*name)?.as_str()) {
        learn(secret);
    }
}

/// Keeps an answer, without the secrets that it hands out. One that hands out what was handed out before shows it.
pub fn answered(request: &str, answer: &Answer) {
    let mut text = answer.text.clone();
    let path = request.split('?').next().unwrap_or_default();
    let row = HANDED_OUT.iter().find(|(start, end, _)| match end.is_empty() {
        true => path == *start,
        false => path.starts_with(start) && path.ends_with(end),
    });
    let mut watch = watch();
    if let (Some((_, _, fields)), 200 | 201) = (row, answer.status) {
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let texts = |value: &Value| match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            other => other.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
        };
        for secret in fields.iter().flat_map(|field| texts(&json[*field])) {
            if watch.learn(&secret) {
                text = text.replacen(&secret, "(handed out)", 1);
            }
        }
    }
    watch.say(Place::Answer, format!("{request} {} {:?}\n{text}", answer.status, answer.headers).as_bytes());
}

/// Runs a program, and keeps what it says. A line that is a token alone is what it was asked for.
pub fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let is_shown = |line: &&str| !(line.len() == 43 && !line.contains(' ') && watch().learn(line));
    program(text.lines().filter(is_shown).collect::<Vec<_>>().join("\n").as_bytes());
    program(&output.stderr);
    output
}

/// Keeps what a program has said.
pub fn program(text: &[u8]) {
    watch().say(Place::Program, text);
}

/// Looks through everything: a sentence of what was looked through, or where a secret was seen.
pub fn verdict() -> Result<String, String> {
    let mut watch = watch();
    watch.said.flush().unwrap();
    let [lines, answers, programs] = watch.counts;
    // Every answer of a server in this process leaves lines at this level.
    if lines < answers {
        return Err(format!("the log has {lines} lines for {answers} answers: it is not the log"));
    }
    let patterns: Vec<&str> = watch.secrets.iter().map(String::as_str).chain(NEVER.iter().copied()).collect();
    let search = AhoCorasick::new(&patterns).unwrap();
    let mut file = watch.said.get_ref().try_clone().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let (mut canaries, mut found) = (0, Vec::new());
    for hit in search.stream_find_iter(BufReader::with_capacity(1 << 20, &file)) {
        let hit = hit.unwrap();
        match patterns[hit.pattern().as_usize()] {
            CANARY => canaries += 1,
            secret => found.push((secret.to_owned(), hit.start())),
        }
    }
    if canaries != 3 {
        return Err(format!("what was planted in three places was found {canaries} times: the search is blind"));
    }
    let bytes = file.metadata().unwrap().len();
    if found.is_empty() {
        let secrets = patterns.len();
        return Ok(format!(
            "{secrets} secrets in {bytes} bytes: {lines} lines of log, {answers} answers, {programs} outputs of programs"
        ));
    }
    let around = |(secret, start): &(String, usize)| {
        let from = start.saturating_sub(300);
        let mut text = vec![0; 600];
        file.seek(SeekFrom::Start(u64::try_from(from).unwrap())).unwrap();
        let length = file.read(&mut text).unwrap();
        format!("{secret:?} is in:\n{}", String::from_utf8_lossy(&text[..length]))
    };
    let count = found.len();
    let shown: Vec<String> = found.iter().take(5).map(around).collect();
    Err(format!("{count} times a secret was seen.\n{}", shown.join("\n\n")))
}
