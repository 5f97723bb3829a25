//! The session cookie. Over https it carries the `__Host-` prefix, which binds it to exactly this host; over
//! plain http (localhost) browsers refuse that prefix, so it goes by another name.

use axum::http::{HeaderMap, HeaderValue, header};

const SECURE_NAME: &str = "__Host-maintainpro";
const PLAIN_NAME: &str = "maintainpro";

/// Cookies as this server's address needs them.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// Do people reach the server over https?
    pub secure: bool,
}

impl SessionCookie {
    /// The token a request carries.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.name())
    }

    /// Keeps `token` for `max_age_seconds`.
    pub fn set(self, token: &str, max_age_seconds: i64) -> HeaderValue {
        self.write(self.name(), token, max_age_seconds)
    }

    /// Drops the cookie.
    pub fn clear(self) -> HeaderValue {
        self.set("", 0)
    }

    /// Another cookie of this server, by what stands behind the name of the first.
    pub(super) fn named(self, suffix: &str) -> NamedCookie {
        NamedCookie { name: format!("{}-{suffix}", self.name()), cookies: self }
    }

    fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { PLAIN_NAME }
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
        read(headers, &self.name)
    }

    /// Keeps `value` for `max_age_seconds`.
    pub(super) fn set(&self, value: &str, max_age_seconds: i64) -> HeaderValue {
        self.cookies.write(&self.name, value, max_age_seconds)
    }
}

fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host() {
        let cookie = SessionCookie { secure: true }.set("a.b", 60);
        assert_eq!(cookie, "__Host-maintainpro=a.b; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; maintainpro=a.b; x=y"));
        assert_eq!(SessionCookie { secure: false }.read(&headers), Some("a.b"));
        assert_eq!(SessionCookie { secure: true }.read(&headers), None);
    }
}
