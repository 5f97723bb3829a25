//! Administering people and teams, as both ends of `/api/people` and `/api/teams` see it. Devices of everybody else know
//! people from the [`directory`](crate::directory), which has no addresses.

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::identity::{OrganisationId, PersonId, TeamId};
use crate::instant::Timestamp;
use crate::permission::RoleGrant;

codes! {
    /// A language that emails are written in.
    Language {
        /// English.
        English = "en",
        /// German.
        German = "de",
    }
}

codes! {
    /// Where a person stands with the organisation.
    Standing {
        /// Has not chosen a password yet.
        Invited = "invited",
        /// Can sign in.
        Active = "active",
        /// Is let in no more.
        Disabled = "disabled",
        /// Was let in no more, and what was known of them is erased.
        Erased = "erased",
    }
}

/// A person as whoever administers the organisation sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: PersonId,
    /// The name others see.
    pub display_name: String,
    /// The address they sign in with.
    pub email: String,
    /// Language of emails to them: `en` or `de`.
    pub language: String,
    /// Where they stand.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub standing: Standing,
    /// Their roles and how far each reaches; the first decides where they land.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub roles: Vec<RoleGrant>,
    /// Their teams.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub teams: Vec<TeamId>,
    /// When a device of theirs was used last; nothing before they first sign in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub last_seen_at: Option<Timestamp>,
    /// The password alone does not let them in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_second_factor: bool,
    /// Why the last email to them did not go out; nothing when it did, or while it is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_problem: Option<String>,
}

/// `POST /api/people`: somebody is to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMember {
    /// Chosen by the caller, so that sending this twice invites once.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: PersonId,
    /// The name others see.
    pub display_name: String,
    /// Where the invitation goes, and what they sign in with.
    pub email: String,
    /// Language of emails to them: `en` or `de`.
    pub language: String,
    /// At least one.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub roles: Vec<RoleGrant>,
    /// Their teams.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub teams: Vec<TeamId>,
}

/// `PATCH /api/people/{id}`: what is named becomes so, the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChange {
    /// The name others see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What they sign in with from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Language of emails to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// False signs them out everywhere and lets them in no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// All roles, in place of those they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub roles: Option<Vec<RoleGrant>>,
    /// All teams, in place of those they are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<uuid::Uuid>>))]
    pub teams: Option<Vec<TeamId>>,
}

/// A way in for somebody who has no password, or has forgotten it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WayIn {
    /// The person.
    pub person: Member,
    /// To be handed over by whoever asked, on a server that sends no emails; otherwise the link goes by email alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// `POST /api/teams` and `PATCH /api/teams/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamName {
    /// Unique in the organisation.
    pub name: String,
}

codes! {
    /// What a link is for.
    LinkPurpose {
        /// To join.
        Invitation = "invitation",
        /// To choose another password.
        PasswordReset = "password_reset",
    }
}

/// Whom a link lets choose a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountLink {
    /// What it is for.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub purpose: LinkPurpose,
    /// The organisation.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// The name of the person.
    pub display_name: String,
    /// The address they sign in with.
    pub email: String,
}

/// How hard a password is to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordStrength {
    /// 0 (guessed at once) to 4 (not guessed in years).
    pub score: u8,
    /// Is it taken?
    pub is_enough: bool,
    /// What makes it easy to guess, where there is a name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub weakness: Option<PasswordWeakness>,
}

codes! {
    /// What makes a password easy to guess.
    PasswordWeakness {
        /// Too few characters.
        Short = "short",
        /// One of those that many people have, or close to one.
        Common = "common",
        /// A word, or a name, alone.
        Word = "word",
        /// Keys or letters in a row, or again and again.
        Pattern = "pattern",
        /// A year or a date.
        Date = "date",
        /// It says what anybody knows of the person: name, address, organisation.
        Known = "known",
    }
}

/// `POST /api/account-links/read`. Not `Debug`, like all that carries a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkToken {
    /// What stands behind the `#` of the link.
    pub token: String,
}

/// `POST /api/account-links/strength`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordProposal {
    /// What stands behind the `#` of the link.
    pub token: String,
    /// The password as far as it is typed.
    pub password: String,
}

/// `POST /api/account-links/use`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChoice {
    /// What stands behind the `#` of the link.
    pub token: String,
    /// The password from now on.
    pub password: String,
    /// The install to sign in on; without it the server registers a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<crate::account::DeviceRegistration>,
}

/// `PUT /api/account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPassword {
    /// The password from now on.
    pub password: String,
}

/// `POST /api/password-resets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// The address somebody signs in with.
    pub email: String,
}
