//! `maintainpro user`: the first person of an organisation, or one more; and who may not come in any more.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use shared_model::account::OrganisationName;
use shared_model::audit::Action;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sqlx::PgPool;

use super::Installation;
use crate::audit::{self, Note};
use crate::auth::factors;
use crate::auth::password::Passwords;
use crate::auth::strength::estimate;
use crate::clock::Clock;
use crate::database::people::{self, NewPerson};
use crate::database::{TenantTransaction, organisations, tenant_transaction};
use crate::people::roles_said;
use crate::random;

#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create a person, or give an existing one a new password and role and sign them out everywhere
    Add(Arguments),
    /// Sign a person out everywhere and let them in no more; what their devices have not sent is held for a decision
    Disable(Who),
    /// Let a person in again, with the password and the roles they had
    Enable(Who),
    /// Take all second factors of a person away: their password is enough again, until they set something up
    ResetFactors(Who),
    /// Print who can sign in: organisation, e-mail address and roles
    List {
        /// Short name of one organisation; without it, of all
        #[arg(long)]
        organisation: Option<String>,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Who {
    /// Short name of the organisation
    #[arg(long)]
    organisation: String,
    /// E-mail address the person signs in with
    email: String,
}

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// Short name of the organisation
    #[arg(long)]
    organisation: String,
    /// Full name of the organisation; creates it when it does not exist
    #[arg(long, value_name = "NAME")]
    create_organisation: Option<String>,
    /// E-mail address the person signs in with
    #[arg(long)]
    email: String,
    /// Name others see
    #[arg(long)]
    name: String,
    /// admin, manager, supervisor, technician, storekeeper, office, requester or contractor
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// Password; better given in the environment than on the command line
    #[arg(long, env = "MAINTAINPRO_PASSWORD", hide_env_values = true)]
    password: String,
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let done = execute(&database.pool, &command).await;
    database.close().await?;
    let told = done?;
    if !told.is_empty() {
        println!("{told}");
    }
    Ok(())
}

/// Does it and gives what there is to tell.
async fn execute(pool: &PgPool, command: &Command) -> anyhow::Result<String> {
    let (organisation, email, can) = match command {
        Command::Add(arguments) => {
            add(pool, arguments, Clock::System.now()).await?;
            (&arguments.organisation, &arguments.email, "can")
        }
        Command::Disable(who) => {
            set_active(pool, who, false).await?;
            (&who.organisation, &who.email, "cannot")
        }
        Command::Enable(who) => {
            set_active(pool, who, true).await?;
            (&who.organisation, &who.email, "can")
        }
        Command::ResetFactors(who) => {
            reset_factors(pool, who).await?;
            (&who.organisation, &who.email, "needs no second factor to")
        }
        Command::List { organisation } => return list(pool, organisation.as_deref()).await,
    };
    Ok(format!("{} {can} sign in to {organisation}.", people::normalise_email(email)))
}

/// A line for everybody, without the end of the last line.
async fn list(pool: &PgPool, slug: Option<&str>) -> anyhow::Result<String> {
    let organisations = match slug {
        Some(slug) => vec![find_organisation(pool, slug).await?],
        None => organisations::all(pool).await?,
    };
    let mut lines = Vec::new();
    for organisation in organisations {
        let mut transaction = tenant_transaction(pool, organisation.id).await?;
        for account in people::accounts(&mut transaction, organisation.id).await? {
            let roles = account.roles.join(" ");
            lines.push(format!("{:<8} {:<28} {roles}", organisation.slug, account.email));
        }
    }
    Ok(lines.join("\n"))
}

/// The nodes hear of it by the directory: open sockets close within a second.
async fn set_active(pool: &PgPool, who: &Who, active: bool) -> anyhow::Result<()> {
    let (mut transaction, organisation, person) = find(pool, who).await?;
    people::set_active(&mut transaction, organisation, person, active).await?;
    let note = Note::by_operator(Action::PersonChanged).about_person(person);
    let note = note.with("active", None, Some(active.into()));
    audit::append(&mut transaction, organisation, note, Clock::System.now()).await?;
    transaction.commit().await?;
    Ok(())
}

/// For whoever administers alone and has lost them.
async fn reset_factors(pool: &PgPool, who: &Who) -> anyhow::Result<()> {
    let (mut transaction, organisation, person) = find(pool, who).await?;
    if factors::remove_all(&mut transaction, organisation, person).await? {
        let note = Note::by_operator(Action::SecondFactorsReset).about_person(person);
        audit::append(&mut transaction, organisation, note, Clock::System.now()).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn find(pool: &PgPool, who: &Who) -> anyhow::Result<(TenantTransaction, OrganisationId, PersonId)> {
    let organisation = find_organisation(pool, &who.organisation).await?.id;
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let person = people::find_by_email(&mut transaction, organisation, &who.email).await?;
    let person = person.with_context(|| format!("nobody in {} has this address", who.organisation))?;
    Ok((transaction, organisation, person))
}

async fn add(pool: &PgPool, arguments: &Arguments, now: Timestamp) -> anyhow::Result<()> {
    let known = [&arguments.name, &arguments.email, &arguments.organisation].map(String::as_str);
    if !estimate(&arguments.password, &known).is_enough {
        bail!(
            "this password is too easy to guess; choose a longer one, such as four words that have nothing to do with each other"
        );
    }
    let password_hash = Passwords::new()?.hash(&arguments.password).await?;
    let organisation = find_or_create_organisation(pool, arguments, now).await?;
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let person = match people::find_by_email(&mut transaction, organisation, &arguments.email).await? {
        Some(person) => person,
        None => {
            let id = PersonId::from_uuid(random::uuid(now));
            let (email, display_name) = (arguments.email.clone(), arguments.name.clone());
            let person = NewPerson { id, email, display_name };
            people::create(&mut transaction, organisation, &person, now)
                .await
                .context("creating the person")?;
            id
        }
    };
    let limit = if arguments.role == Role::Contractor { GrantLimit::Own } else { GrantLimit::Organisation };
    let grants = [RoleGrant { role: arguments.role.into(), limit }];
    people::set_grants(&mut transaction, organisation, person, &grants, now).await?;
    people::set_active(&mut transaction, organisation, person, true).await?;
    people::set_password(&mut transaction, organisation, person, &password_hash, now).await?;
    let note = Note::by_operator(Action::PersonChanged).about_person(person);
    let note = note
        .with("active", None, Some(true.into()))
        .with("roles", None, Some(roles_said(&grants, &BTreeMap::new())))
        .with("password", None, None);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(())
}

async fn find_organisation(pool: &PgPool, slug: &str) -> anyhow::Result<OrganisationName> {
    let found = organisations::find_by_slug(pool, slug).await?;
    found.with_context(|| format!("there is no organisation {slug}"))
}

async fn find_or_create_organisation(
    pool: &PgPool,
    arguments: &Arguments,
    now: Timestamp,
) -> anyhow::Result<OrganisationId> {
    if let Some(found) = organisations::find_by_slug(pool, &arguments.organisation).await? {
        return Ok(found.id);
    }
    let Some(name) = arguments.create_organisation.clone() else {
        bail!("there is no organisation {}; name it with --create-organisation", arguments.organisation);
    };
    let id = OrganisationId::from_uuid(random::uuid(now));
    let organisation = OrganisationName { id, slug: arguments.organisation.clone(), name };
    let mut transaction = pool.begin().await?;
    organisations::create(&mut transaction, &organisation, now)
        .await
        .context("creating the organisation (its short name has small letters, digits and hyphens)")?;
    transaction.commit().await?;
    Ok(id)
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("one of {}", known.join(", "))
    })
}
