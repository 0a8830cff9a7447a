//! A provider of OpenID Connect: sending somebody there, and finding out who comes
//! back. Authorization code with PKCE, state and nonce.

use std::io;
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse, url,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::hash_of;
use super::http::Http;

/// How long what the provider says of itself is believed.
const TRUST: Duration = Duration::from_mins(10);

/// What this service is to a provider.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The provider's issuer.
    pub issuer: String,
    /// By what name it knows this service.
    pub client_id: String,
    /// The secret by which this service proves to be that, if there is one.
    pub client_secret: Option<String>,
    /// Where it sends people back to.
    pub redirect: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// Why nobody came back from the provider.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// A URL of the agreement cannot be.
    #[error("{url}: {why}")]
    Url {
        /// Which.
        url: String,
        /// Why not.
        why: url::ParseError,
    },
    /// The machine has no certificates by which to know it.
    #[error("the machine's certificates: {0}")]
    Certificates(io::Error),
    /// It does not say what it is.
    #[error("discovering the provider {issuer}: {why}")]
    Discovery {
        /// Which.
        issuer: String,
        /// Why not.
        why: String,
    },
    /// Whoever comes back did not leave from here, or long ago.
    #[error("nobody left with this state")]
    State,
    /// It does not take the code.
    #[error("exchanging the code: {0}")]
    Exchange(String),
    /// Its token does not hold.
    #[error("the ID token: {0}")]
    Token(String),
}

/// What a browser keeps while it is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// Comes back with the code.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Without it the code is worth nothing.
    pub verifier: String,
}

/// Who came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Who says so.
    pub issuer: String,
    /// Who it is to that issuer.
    pub subject: String,
    /// Everything else that is claimed.
    pub claims: Map<String, Value>,
}

impl Arrival {
    /// A claim that is a text.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }
}

/// All claims of a token.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Party = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider, known once it was asked.
#[derive(Debug)]
pub struct Provider {
    agreement: Agreement,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: Http,
    /// Held while it is asked, so that it is asked once.
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl Provider {
    /// The provider of an agreement; it is asked when somebody first goes there.
    ///
    /// # Errors
    /// When a URL cannot be.
    pub fn new(agreement: Agreement) -> Result<Self, ProviderError> {
        let issuer = url_of(&agreement.issuer, IssuerUrl::new)?;
        let redirect = url_of(&agreement.redirect, RedirectUrl::new)?;
        let http = Http::new().map_err(ProviderError::Certificates)?;
        Ok(Self { agreement, issuer, redirect, http, known: Mutex::default() })
    }

    /// Where to send a browser, and what it is to keep.
    ///
    /// # Errors
    /// When the provider does not say what it is.
    pub async fn depart(&self) -> Result<(String, Trip), ProviderError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let party = self.party().await?;
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = party.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.agreement.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let trip = Trip {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url.into(), trip))
    }

    /// Who comes back with a code from a trip.
    ///
    /// # Errors
    /// When it is another's trip, or the provider or its token does not hold.
    pub async fn arrive(
        &self,
        trip: Trip,
        state: &str,
        code: String,
    ) -> Result<Arrival, ProviderError> {
        // Hashes are compared, so that the time it takes says nothing of the state.
        if hash_of(&trip.state) != hash_of(state) {
            return Err(ProviderError::State);
        }
        let party = self.party().await?;
        let exchanged = party
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|why| ProviderError::Exchange(why.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(trip.verifier))
            .request_async(&self.http)
            .await
            .map_err(|why| ProviderError::Exchange(told(&why)))?;
        let missing = || ProviderError::Token("there is none".to_owned());
        let token = exchanged.id_token().ok_or_else(missing)?;
        let nonce = Nonce::new(trip.nonce);
        let claims = match token.claims(&party.id_token_verifier(), &nonce) {
            Ok(claims) => claims,
            Err(why) => {
                // Its keys may be others by now: it is asked anew the next time.
                *self.known.lock().await = None;
                return Err(ProviderError::Token(told(&why)));
            }
        };
        let mut all = claims.additional_claims().0.clone();
        // What has a place of its own is not among the rest.
        let known = [
            ("name", claims.name().and_then(|all| all.get(None)).map(|it| it.as_str())),
            ("preferred_username", claims.preferred_username().map(|it| it.as_str())),
            ("email", claims.email().map(|it| it.as_str())),
        ];
        for (name, text) in known {
            if let Some(text) = text {
                all.insert(name.to_owned(), text.into());
            }
        }
        Ok(Arrival {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            claims: all,
        })
    }

    async fn party(&self) -> Result<Party, ProviderError> {
        let mut known = self.known.lock().await;
        let fresh = known.take().filter(|(since, _)| since.elapsed() < TRUST);
        let (since, metadata) = match fresh {
            Some(fresh) => fresh,
            None => (Instant::now(), self.discover().await?),
        };
        *known = Some((since, metadata.clone()));
        let secret = self.agreement.client_secret.clone().map(ClientSecret::new);
        let id = ClientId::new(self.agreement.client_id.clone());
        let party = Client::from_provider_metadata(metadata, id, secret);
        Ok(party.set_redirect_uri(self.redirect.clone()))
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        found.map_err(|why| ProviderError::Discovery {
            issuer: self.agreement.issuer.clone(),
            why: told(&why),
        })
    }
}

fn url_of<T>(
    url: &str,
    read: impl FnOnce(String) -> Result<T, url::ParseError>,
) -> Result<T, ProviderError> {
    read(url.to_owned()).map_err(|why| ProviderError::Url { url: url.to_owned(), why })
}

/// An error with what is behind it.
fn told(why: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(why), |why| why.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
