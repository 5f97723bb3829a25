//! The session cookie. Over https it carries the `__Host-` prefix, which binds it to exactly this host; over
//! plain http (localhost) browsers refuse that prefix, so it goes by another name.
//!
//! Where several people use one browser, each install has a cookie of its own: its requests name it in a header, and get
//! nothing by the session of another. Programs that name none have the one cookie without a device.

use axum::http::{HeaderMap, HeaderValue, header};
use shared_model::account::DEVICE_HEADER;
use shared_model::identity::DeviceId;

const SECURE_NAME: &str = "__Host-maintainpro";
const PLAIN_NAME: &str = "maintainpro";

/// Cookies as this server's address needs them.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// Do people reach the server over https?
    pub secure: bool,
}

impl SessionCookie {
    /// The token a request carries. An install from before there were several cookies has its token in the common one.
    pub fn read(self, headers: &HeaderMap) -> Option<Shown<'_>> {
        let device = device_of(headers);
        let own = device.and_then(|_| find(headers, &self.name(device)));
        let kept_in = device.filter(|_| own.is_some());
        let token = own.or_else(|| find(headers, &self.name(None)))?;
        Some(Shown { token, device, kept_in })
    }

    /// Keeps `token` for `max_age_seconds`, for this install only where it names itself.
    pub fn set(self, token: &str, device: Option<DeviceId>, max_age_seconds: i64) -> HeaderValue {
        self.write(&self.name(device), token, max_age_seconds)
    }

    /// Drops the cookie that a request came with.
    pub fn clear(self, headers: &HeaderMap) -> HeaderValue {
        let device = device_of(headers).filter(|device| find(headers, &self.name(Some(*device))).is_some());
        self.set("", device, 0)
    }

    /// Another cookie of this server, by what stands behind the name of the first.
    pub(super) fn named(self, suffix: &str) -> NamedCookie {
        NamedCookie { name: format!("{}-{suffix}", self.name(None)), cookies: self }
    }

    fn name(self, device: Option<DeviceId>) -> String {
        let name = if self.secure { SECURE_NAME } else { PLAIN_NAME };
        device.map_or_else(|| name.to_owned(), |device| format!("{name}-{device}"))
    }

    fn write(self, name: &str, value: &str, max_age_seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_seconds}{secure}");
        HeaderValue::from_str(&cookie).expect("a token is printable ASCII")
    }
}

/// A cookie beside that of the session.
pub(super) struct NamedCookie {
    name: String,
    cookies: SessionCookie,
}

impl NamedCookie {
    /// What a request carries.
    pub(super) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        find(headers, &self.name)
    }

    /// Keeps `value` for `max_age_seconds`.
    pub(super) fn set(&self, value: &str, max_age_seconds: i64) -> HeaderValue {
        self.cookies.write(&self.name, value, max_age_seconds)
    }
}

/// A token, and the install that says it is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The token.
    pub token: &'a str,
    /// From the header; `None`: a program.
    pub device: Option<DeviceId>,
    /// Whose cookie it stood in; `None`: the common one, where its successor belongs too, because tabs of a version before read
    /// that.
    pub kept_in: Option<DeviceId>,
}

/// The install that a request names.
pub fn device_of(headers: &HeaderMap) -> Option<DeviceId> {
    headers.get(DEVICE_HEADER)?.to_str().ok()?.parse().ok()
}

fn find<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: &str = "05050505-0505-0505-0505-050505050505";
    const OTHER: &str = "06060606-0606-0606-0606-060606060606";
    const PLAIN: SessionCookie = SessionCookie { secure: false };

    fn headers(cookies: &'static str, device: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static(cookies));
        if let Some(device) = device {
            headers.insert(DEVICE_HEADER, HeaderValue::from_static(device));
        }
        headers
    }

    fn token(cookies: &'static str, device: Option<&'static str>) -> Option<String> {
        PLAIN.read(&headers(cookies, device)).map(|shown| shown.token.to_owned())
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host() {
        let secure = SessionCookie { secure: true };
        let cookie = secure.set("a.b", None, 60);
        assert_eq!(cookie, "__Host-maintainpro=a.b; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
        let cookie = secure.set("a.b", DEVICE.parse().ok(), 60);
        assert!(cookie.to_str().unwrap().starts_with(&format!("__Host-maintainpro-{DEVICE}=a.b; ")));
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let cookies = "theme=dark; maintainpro=a.b; x=y";
        assert_eq!(token(cookies, None).as_deref(), Some("a.b"));
        assert_eq!(SessionCookie { secure: true }.read(&headers(cookies, None)), None);
    }

    #[test]
    fn each_install_has_its_own_and_nobody_elses() {
        let both = "maintainpro-05050505-0505-0505-0505-050505050505=mine; \
                    maintainpro-06060606-0606-0606-0606-060606060606=theirs";
        assert_eq!(token(both, Some(DEVICE)).as_deref(), Some("mine"));
        assert_eq!(token(both, Some(OTHER)).as_deref(), Some("theirs"));
        assert_eq!(token(both, None), None, "a program has neither");
        let shown = headers("maintainpro=old", Some(DEVICE));
        let shown = PLAIN.read(&shown).unwrap();
        assert_eq!(shown.token, "old", "from before there were several");
        assert_eq!(shown.device, Some(DEVICE.parse().unwrap()), "and its session is theirs alone");
        let cleared = PLAIN.clear(&headers(both, Some(DEVICE)));
        assert!(cleared.to_str().unwrap().starts_with(&format!("maintainpro-{DEVICE}=; ")));
    }
}
