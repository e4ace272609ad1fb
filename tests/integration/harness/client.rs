//! Callers of the API, and what they are answered.

use reqwest::{
    Method,
    blocking::Client,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use super::watch;

/// Somebody who calls the API: with a token or without.
#[derive(Clone)]
pub struct Caller {
    base: String,
    client: Client,
    headers: HeaderMap,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    request: String,
}

impl Caller {
    pub fn new(base: &str) -> Self {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base: base.to_owned(), client, headers: HeaderMap::new() }
    }

    /// Where the server is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same caller with one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        caller
    }

    /// The header that the caller signs requests with.
    pub fn authorization(&self) -> &str {
        self.headers["authorization"].to_str().unwrap()
    }

    /// The same caller with a token.
    pub fn bearer(&self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }

    /// A fresh access token of a test account.
    pub fn sign_in_for_token(&self, username: &str) -> String {
        let answer = self.post("/v1/auth/login", &json!({"username": username, "password": super::PASSWORD}));
        answer.expect(200).json()["access_token"].as_str().unwrap().to_owned()
    }

    pub fn sign_in(&self, username: &str, password: &str) -> Self {
        let answer = self.post("/v1/auth/login", &json!({"username": username, "password": password}));
        self.bearer(answer.expect(200).json()["access_token"].as_str().unwrap())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.json("POST", path, body)
    }

    /// For operations that take no body.
    pub fn post_nothing(&self, path: &str) -> Answer {
        self.send("POST", path, None)
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.json("PUT", path, body)
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json("PATCH", path, body)
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.bytes(method, path, "application/json", body.to_string().into_bytes())
    }

    /// A request with any body.
    pub fn bytes(&self, method: &str, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.with("Content-Type", content_type).send(method, path, Some(body))
    }

    pub fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        self.try_send(method, path, body).unwrap()
    }

    /// Begins a request whose answer is read as it comes.
    pub fn open(&self, path: &str) -> reqwest::blocking::Response {
        self.client.get(format!("{}{path}", self.base)).headers(self.headers.clone()).send().unwrap()
    }

    pub fn try_send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> reqwest::Result<Answer> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            self.client.request(method.clone(), format!("{}{path}", self.base)).headers(self.headers.clone());
        let bearer = self.headers.get("authorization").and_then(|value| value.to_str().ok());
        watch::sent(bearer, body.as_deref());
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send()?;
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text()?,
            request: format!("{method} {path}"),
        };
        watch::answered(&answer.request, &answer);
        Ok(answer)
    }
}

impl Answer {
    /// Fails the test unless this is the status; and, for errors, unless the answer is a complete problem.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.request, self.text);
        if status >= 400 {
            let problem = self.json();
            assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.request);
            assert_eq!(problem["status"], status);
            assert_eq!(problem["type"], format!("/problems/{}", problem["code"].as_str().unwrap()));
            assert_eq!(problem["request_id"], self.header("x-request-id"));
            assert!(problem["title"].is_string() && problem["detail"].is_string());
        }
        self
    }

    /// The same, and the code of the problem.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.json()["code"], code, "{}", answer.text);
        answer
    }

    /// The faults of the input: pointer and code.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let json = self.json();
        let faults = json["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", self.text));
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        faults.iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
    }

    /// Fails the test unless exactly these faults are named, in any order.
    #[track_caller]
    pub fn expect_faults(self, expected: &[(&str, &str)]) -> Self {
        let mut found = self.faults();
        let mut wanted: Vec<_> = expected.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{}: {e}: {}", self.request, self.text))
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("{} has no header {name}", self.request));
        value.to_str().unwrap()
    }
}
