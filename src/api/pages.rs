//! The pages, built into the binary.

use std::hash::Hasher;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;
use rustc_hash::FxHasher;

use super::caching::unchanged;
use super::problem::ApiError;

/// `web/dist` as it was when the binary was built.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

/// Said in place of the pages when the binary was built without them.
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Pilin 毗邻</title>\
    <p>This binary was built without its pages. Run <code>make build</code>, then start again.";

/// Said to a person who opened an address that there is not.
const NOT_FOUND: &str = "<!doctype html><html lang=zh-CN><meta charset=utf-8>\
    <meta name=viewport content=\"width=device-width, initial-scale=1\">\
    <meta name=color-scheme content=dark><link rel=icon href=data:,><title>毗邻 · 页面不存在</title>\
    <style>body{font:1.1rem/1.7 sans-serif;background:#0a131c;color:#eef3f8;padding:8vh 10vw}\
    a{color:#7fc4da}ul{margin:0 0 2.5rem}</style>\
    <main><h1>页面不存在</h1><p>地址有误，或页面已移动。请从以下入口进入：</p>\
    <ul><li><a href=/wall>指挥大屏</a></li><li><a href=/desk>值班台</a></li>\
    <li><a href=/sign-in>登录</a></li></ul>\
    <section lang=en><h2>Page not found</h2>\
    <p>The address is wrong, or the page has moved. Go to:</p>\
    <ul><li><a href=\"/wall?lang=en\">Wall display</a></li>\
    <li><a href=\"/desk?lang=en\">Duty desk</a></li>\
    <li><a href=\"/sign-in?lang=en\">Sign in</a></li></ul></section></main></html>";

/// Answers 404 to a browser: where the pages are.
pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Html(NOT_FOUND)).into_response()
}

/// Which build this is: Pilin's version, and a number that changes with its pages.
pub fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let mut files: Vec<_> = Built::iter().collect();
        files.sort_unstable();
        let mut hasher = FxHasher::default();
        for file in files {
            hasher.write(file.as_bytes());
            if let Some(found) = Built::get(&file) {
                hasher.write(&found.metadata.sha256_hash());
            }
        }
        format!("{}+{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish())
    })
}

/// `GET /`: to the wall.
pub async fn front() -> Redirect {
    Redirect::temporary("/wall")
}

/// `GET /wall`, `GET /desk` and the others.
pub fn page(name: &str, headers: &HeaderMap) -> Response {
    let file = format!("{name}.html");
    match Built::get(&file) {
        Some(_) => send(&file, headers, "no-cache"),
        None => (StatusCode::NOT_IMPLEMENTED, Html(NOT_BUILT)).into_response(),
    }
}

/// `GET /assets/{file}`: their names change with what is in them.
pub async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    send(&format!("assets/{file}"), &headers, "public, max-age=31536000, immutable")
}

fn send(file: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    let Some(found) = Built::get(file) else {
        return ApiError::not_found(format!("file “{file}”")).into_response();
    };
    let hash = found.metadata.sha256_hash();
    let hash = hash.iter().take(8).fold(0, |tag: u64, &byte| tag << 8 | u64::from(byte));
    // Hex digits in quotes are a header's value.
    let tag = HeaderValue::from_str(&format!("\"{hash:016x}\""))
        .unwrap_or(HeaderValue::from_static("\"0\""));
    let about =
        [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static(keep))];
    if unchanged(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(header::CONTENT_TYPE, kind(file))], found.data.into_owned()).into_response()
}

fn kind(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
