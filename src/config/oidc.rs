//! A provider of OpenID Connect, by whom people may sign in.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, check};

/// Scopes asked for unless told otherwise, beside `openid`.
const SCOPES: &[&str] = &["profile"];

/// A provider, and what this service is to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its issuer, under which its discovery document is found.
    pub issuer: String,
    /// By what name it knows this service.
    pub client_id: String,
    /// The file of the secret by which this service proves to be that; none of a
    /// public client.
    pub client_secret_file: Option<PathBuf>,
    /// Where browsers find this service: `scheme://host[:port]`.
    pub base: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claims that say who somebody is.
    pub claims: OidcClaims,
}

/// Names of claims in the ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcClaims {
    /// The name to sign in with.
    pub name: String,
    /// What others read.
    pub display: String,
    /// The agency, by the code of its jurisdiction.
    pub agency: String,
    /// The role, by its word.
    pub role: String,
}

/// What one layer says of the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Signing in by OpenID Connect")]
pub struct OidcLayer {
    /// Issuer of the provider by which people may sign in too; its discovery document
    /// is under it [default: none].
    #[arg(id = "oidc_issuer", long = "oidc-issuer", env = "PILIN_OIDC_ISSUER", value_name = "URL")]
    pub issuer: Option<String>,

    /// By what name the provider knows this service.
    #[arg(
        id = "oidc_client_id",
        long = "oidc-client-id",
        env = "PILIN_OIDC_CLIENT_ID",
        value_name = "ID"
    )]
    pub client_id: Option<String>,

    /// File of the secret by which this service proves to be that client [default:
    /// none, a public client].
    #[arg(
        id = "oidc_client_secret_file",
        long = "oidc-client-secret-file",
        env = "PILIN_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE"
    )]
    pub client_secret_file: Option<PathBuf>,

    /// Where browsers find this service, `scheme://host[:port]`; the provider sends
    /// them back to BASE/api/v1/session/oidc/callback.
    #[arg(id = "oidc_base", long = "oidc-base", env = "PILIN_OIDC_BASE", value_name = "BASE")]
    pub base: Option<String>,

    /// Scope to ask for beside openid; repeatable, or comma-separated [default:
    /// profile].
    #[arg(
        id = "oidc_scopes",
        long = "oidc-scope",
        env = "PILIN_OIDC_SCOPES",
        value_name = "SCOPE",
        value_delimiter = ','
    )]
    pub scopes: Option<Vec<String>>,

    /// Claim that names the account [default: preferred_username].
    #[expect(clippy::doc_markdown, reason = "the help is no Markdown")]
    #[arg(
        id = "oidc_name_claim",
        long = "oidc-name-claim",
        env = "PILIN_OIDC_NAME_CLAIM",
        value_name = "CLAIM"
    )]
    pub name_claim: Option<String>,

    /// Claim that is shown to others [default: name].
    #[arg(
        id = "oidc_display_claim",
        long = "oidc-display-claim",
        env = "PILIN_OIDC_DISPLAY_CLAIM",
        value_name = "CLAIM"
    )]
    pub display_claim: Option<String>,

    /// Claim of the agency, a jurisdiction's code [default: agency].
    #[arg(
        id = "oidc_agency_claim",
        long = "oidc-agency-claim",
        env = "PILIN_OIDC_AGENCY_CLAIM",
        value_name = "CLAIM"
    )]
    pub agency_claim: Option<String>,

    /// Claim of the role: officer, analyst, commander or admin [default: role].
    #[arg(
        id = "oidc_role_claim",
        long = "oidc-role-claim",
        env = "PILIN_OIDC_ROLE_CLAIM",
        value_name = "CLAIM"
    )]
    pub role_claim: Option<String>,
}

impl Oidc {
    pub(super) fn from_layers(
        upper: OidcLayer,
        lower: OidcLayer,
    ) -> Result<Option<Self>, ConfigError> {
        let silent = upper == OidcLayer::default() && lower == OidcLayer::default();
        if silent {
            return Ok(None);
        }
        let need = |key, value: Option<String>| {
            value.ok_or_else(|| ConfigError::key(key, "missing, though a provider is described"))
        };
        let issuer = need("oidc.issuer", upper.issuer.or(lower.issuer))?;
        if !["http://", "https://"].iter().any(|start| issuer.starts_with(start)) {
            return Err(ConfigError::key(
                "oidc.issuer",
                format!("“{issuer}” is no URL of the web"),
            ));
        }
        let base = need("oidc.base", upper.base.or(lower.base))?;
        check::origin("oidc.base", &base)?;
        let claim = |upper: Option<String>, lower: Option<String>, usual: &str| {
            upper.or(lower).unwrap_or_else(|| usual.to_owned())
        };
        Ok(Some(Self {
            issuer,
            client_id: need("oidc.client_id", upper.client_id.or(lower.client_id))?,
            client_secret_file: upper.client_secret_file.or(lower.client_secret_file),
            base,
            scopes: upper
                .scopes
                .or(lower.scopes)
                .unwrap_or_else(|| SCOPES.iter().map(ToString::to_string).collect()),
            claims: OidcClaims {
                name: claim(upper.name_claim, lower.name_claim, "preferred_username"),
                display: claim(upper.display_claim, lower.display_claim, "name"),
                agency: claim(upper.agency_claim, lower.agency_claim, "agency"),
                role: claim(upper.role_claim, lower.role_claim, "role"),
            },
        }))
    }
}
