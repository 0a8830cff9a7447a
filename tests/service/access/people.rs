//! People who have signed in, as a browser would speak for them.

use pilin::access::Role;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::{Server, told};

pub const PASSWORD: &str = "Delta-2026-x";

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub cookie: String,
    pub session: Value,
    url: String,
    http: reqwest::Client,
}

impl Visitor {
    /// From the answer that gave the session.
    pub async fn of(server: &Server, request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        let given = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(given.contains("HttpOnly; SameSite=Strict"), "{given}");
        let cookie = given.split(';').next().unwrap().to_owned();
        let session = answer.json().await.unwrap();
        Self { cookie, session, url: server.url(), http: server.http.clone() }
    }

    /// Signs in.
    pub async fn sign_in(server: &Server, name: &str) -> Self {
        let body = json!({"name": name, "password": PASSWORD});
        Self::of(server, server.ask(Method::POST, "/api/v1/session").json(&body)).await
    }

    /// A request to be refined.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .header(header::COOKIE, &self.cookie)
            .header(header::ORIGIN, &self.url)
    }

    pub async fn get(&self, path: &str) -> Value {
        told(self.ask(Method::GET, path), StatusCode::OK).await
    }

    pub async fn post(&self, path: &str, body: &Value, status: StatusCode) -> Value {
        told(self.ask(Method::POST, path).json(body), status).await
    }

    pub async fn status(&self, method: Method, path: &str) -> StatusCode {
        self.ask(method, path).send().await.unwrap().status()
    }
}

/// Makes the first account, an admin's of an agency, with the key of the log.
pub async fn set_up(server: &Server, agency: &str) -> Visitor {
    let key = server.setup_key.clone().unwrap();
    let body = json!({"key": key, "name": "root", "agency": agency, "password": PASSWORD});
    Visitor::of(server, server.ask(Method::POST, "/api/v1/setup").json(&body)).await
}

/// Makes an account at the command line, so to say, for any agency, and signs it in.
pub async fn person(server: &Server, name: &str, agency: &str, role: Role) -> Visitor {
    server.add_account(name, agency, role, Some(PASSWORD)).await;
    Visitor::sign_in(server, name).await
}
