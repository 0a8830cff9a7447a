//! One client against all others, and what proxies and browsers are told.

use pilin::access::{Role, Scope};
use pilin::config::Proxies;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::access::people::{PASSWORD, Visitor, person, set_up};
use crate::harness::{MORNING, Server, report, told};
use pilin::api::Ask;

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<TcpStream>>;

/// A socket, or the status that is answered instead.
async fn enter(server: &Server, path: &str, shown: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = server.socket(path).into_client_request().unwrap();
    for (name, text) in shown {
        request.headers_mut().insert(*name, text.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(why) => panic!("{why}"),
    }
}

#[tokio::test]
async fn one_client_leaves_room_for_the_others() {
    let server = Server::with("data", |config| {
        config.limits.sockets_of_account = 2;
        config.limits.sockets_of_token = 3;
    })
    .await;
    server.clock(MORNING).await;
    set_up(&server, "310000").await;
    let li = person(&server, "li", "310118", Role::Officer).await;
    let wang = person(&server, "wang", "330421", Role::Officer).await;
    let url = server.url();
    let listen = async |who: &Visitor| {
        let shown = [("cookie", &*who.cookie), ("origin", &*url)];
        enter(&server, "/connection/websocket", &shown).await
    };
    let mut open = vec![listen(&li).await.unwrap(), listen(&li).await.unwrap()];
    assert_eq!(listen(&li).await.unwrap_err(), 429);
    let again = Visitor::sign_in(&server, "li").await;
    assert_eq!(listen(&again).await.unwrap_err(), 429, "another session is the same account");
    open.push(listen(&wang).await.unwrap());

    let scopes = [Scope::IngestIncident];
    let (one, other) = (
        server.add_token("one", "310118", &scopes).await,
        server.add_token("other", "330421", &scopes).await,
    );
    let device = async |secret: &str| {
        enter(&server, "/api/v1/ingest", &[("authorization", &format!("Bearer {secret}"))]).await
    };
    for _ in 0..3 {
        open.push(device(&one).await.unwrap());
    }
    assert_eq!(device(&one).await.unwrap_err(), 429);
    open.push(device(&other).await.unwrap());
    // Whoever leaves may come again.
    open[0].close(None).await.unwrap();
    drop(open.remove(0));
    while listen(&li).await.is_err() {
        tokio::task::yield_now().await;
    }

    // Forty bodies that promise eight megabytes each and bring nothing.
    let mut silent = JoinSet::new();
    for _ in 0..40 {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /api/v1/incidents HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {one}\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            server.address
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        silent.spawn(async move {
            let mut answer = vec![0; 4096];
            let read = socket.read(&mut answer).await.unwrap();
            String::from_utf8_lossy(&answer[..read]).into_owned()
        });
    }
    for (at, secret) in [&other, &one].into_iter().enumerate() {
        let report = report(&at.to_string(), "exposed-refuse", 121.0, 31.0, MORNING);
        let post = server.ask(Method::POST, "/api/v1/incidents").bearer_auth(secret).json(&report);
        told(post, StatusCode::OK).await;
    }
    while let Some(answer) = silent.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("urn:pilin:problem:timeout"), "{answer}");
    }
}

#[tokio::test]
async fn a_proxy_is_believed_if_it_is_named_and_never_before_there_is_an_account() {
    let named = ["127.0.0.1".to_owned()];
    let server = Server::with("data", |config| {
        config.trusted_proxies = Proxies::read(&named).unwrap();
    })
    .await;
    let stranger = Server::start().await;
    let handed_on = |server: &Server, method: Method, path: &str| {
        let ask = server.ask(method, path).header("x-forwarded-for", "1.2.3.4, 203.0.113.9");
        ask.header("x-forwarded-proto", "https")
    };
    for server in [&server, &stranger] {
        let refused = told(handed_on(server, Method::GET, "/api/v1/region"), StatusCode::FORBIDDEN);
        assert!(refused.await["field"].as_str().unwrap().starts_with("x-forwarded-"));
        told(handed_on(server, Method::GET, "/healthz"), StatusCode::OK).await;
        set_up(server, "310000").await;
    }
    let secure = server.url().replace("http:", "https:");
    let body = json!({"name": "root", "password": PASSWORD});
    let sign_in = |server: &Server, origin: &str| {
        let ask = handed_on(server, Method::POST, "/api/v1/session").json(&body);
        ask.header(header::ORIGIN, origin)
    };
    let answer = sign_in(&server, &secure).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let given: Vec<_> = answer
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|it| it.to_str().unwrap())
        .collect();
    assert!(given[0].starts_with("__Host-pilin="), "{given:?}");
    assert!(given[1].starts_with("__Host-pilin-device="), "{given:?}");
    assert!(given.iter().all(|cookie| cookie.contains("; Secure")), "{given:?}");
    let cookie = given[0].split(';').next().unwrap().to_owned();
    let list = |cookie: String| {
        handed_on(&server, Method::GET, "/api/v1/sessions").header(header::COOKIE, cookie)
    };
    let sessions = told(list(cookie.clone()), StatusCode::OK).await;
    let addresses: Vec<_> =
        sessions["sessions"].as_array().unwrap().iter().map(|it| it["address"].clone()).collect();
    assert!(addresses.contains(&json!("203.0.113.9")), "{addresses:?}");
    // What another host, or a page got by HTTP, can have set, is nobody's.
    let planted = cookie.replace("__Host-", "");
    told(list(planted), StatusCode::UNAUTHORIZED).await;
    told(sign_in(&server, &server.url()), StatusCode::FORBIDDEN).await;

    // Of a proxy that nobody has named nothing is believed.
    let secure = stranger.url().replace("http:", "https:");
    let refused = told(sign_in(&stranger, &secure), StatusCode::FORBIDDEN).await;
    assert!(refused["reason"].as_str().unwrap().contains("trusted_proxies"), "{refused}");
    let root = Visitor::of(&stranger, sign_in(&stranger, &stranger.url())).await;
    let sessions = root.get("/api/v1/sessions").await;
    assert!(sessions["sessions"].as_array().unwrap().iter().all(|it| it["address"] == "127.0.0.1"));
}

#[tokio::test]
async fn what_is_somebodys_is_kept_by_no_browser() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let li = person(&server, "li", "310118", Role::Commander).await;
    let layer = root.get("/api/v1/region").await["layers"][0]["href"].clone();
    let layer = layer.as_str().map_or("/api/v1/map/county.geojson".to_owned(), str::to_owned);
    for who in [&root, &li] {
        let own = server.doors.iter().filter(|door| door.ask != Ask::Nobody && door.verb == "GET");
        for path in own.map(|door| door.path).chain([&*layer]) {
            let answer = who.ask(Method::GET, path).send().await.unwrap();
            let kept = answer.headers().get(header::CACHE_CONTROL);
            let kept = kept.map(|kept| kept.to_str().unwrap().to_owned()).unwrap_or_default();
            let status = answer.status();
            assert!(kept == "no-store" || kept.starts_with("private"), "{path} {status}: “{kept}”");
        }
    }
    for (verb, path, body) in [
        (Method::POST, "/api/v1/session", json!({"name": "li", "password": "wrong"})),
        (Method::POST, "/api/v1/session", json!({"name": "li", "password": PASSWORD})),
        (Method::POST, "/api/v1/session/code", Value::Null),
    ] {
        let answer = server.ask(verb, path).json(&body).send().await.unwrap();
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
    }
    let page = server.ask(Method::GET, "/desk").send().await.unwrap();
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.headers()[name], value);
    }
    assert!(page.headers()["permissions-policy"].to_str().unwrap().contains("geolocation=()"));
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_makes_way_for_one_that_asks() {
    let server = Server::with("data", |config| {
        config.limits.connections = 40;
        config.limits.connections_of_address = 20;
    })
    .await;
    set_up(&server, "310000").await;
    let mut silent = Vec::new();
    for _ in 0..60 {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ").await.unwrap();
        silent.push(socket);
    }
    // A new client each time, so that none has a connection yet.
    for _ in 0..5 {
        let http = reqwest::Client::new();
        let alive = http.get(format!("{}/healthz", server.url())).send().await.unwrap();
        assert_eq!(alive.status(), StatusCode::OK);
    }
    let mut byte = [0];
    assert!(matches!(silent[0].read(&mut byte).await, Ok(0) | Err(_)), "the oldest is cut");
}
