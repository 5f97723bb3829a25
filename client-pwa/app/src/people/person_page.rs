//! One person: inviting them, changing who they are and what they may do, letting them in anew, shutting them out.

use std::rc::Rc;

use shared_model::custom_role::ListedRole;
use shared_model::directory::DirectoryTeam;
use shared_model::identity::{PersonId, TeamId};
use shared_model::people::{Member, MemberChange, NewMember, Standing, WayIn};
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::factor_reset::FactorReset;
use super::list_page::{last_seen, standing};
use super::privacy::Privacy;
use super::role_rows::RoleRows;
use super::secret_dialog::SecretDialog;
use super::team_chips::TeamChips;
use crate::browser;
use crate::engine_client::use_engine;
use crate::fresh_id;
use crate::hooks::use_layout;
use crate::locale::{self, Language, t};
use crate::route::{Route, use_replace};
use crate::security::ProofDialog;
use crate::session::{ApiProblem, DeviceList};
use crate::shell::Page;
use crate::widgets::{
    Empty, Field, SelectField, Skeleton, TextField, Toast, Toaster, icon, icon_sized, use_toast,
};

const FORM: &str = "person";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The person to change; none: somebody to invite.
    #[prop_or_default]
    pub id: Option<PersonId>,
}

/// What stands in the form.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    display_name: String,
    email: String,
    language: String,
    roles: Vec<RoleGrant>,
    teams: Vec<TeamId>,
}

impl Draft {
    /// Emails go out in the organisation's language, or in that of whoever invites.
    fn fresh(of_organisation: Option<&str>) -> Self {
        Self {
            display_name: String::new(),
            email: String::new(),
            language: of_organisation.unwrap_or_else(|| locale::language().tag()).to_owned(),
            roles: vec![RoleGrant { role: Role::Technician.into(), limit: GrantLimit::Organisation }],
            teams: Vec::new(),
        }
    }

    fn of(member: &Member) -> Self {
        Self {
            display_name: member.display_name.clone(),
            email: member.email.clone(),
            language: member.language.clone(),
            roles: member.roles.clone(),
            teams: member.teams.clone(),
        }
    }

    /// What differs from how they are.
    fn change_from(&self, member: &Member) -> MemberChange {
        let before = Self::of(member);
        MemberChange {
            display_name: (self.display_name != before.display_name).then(|| self.display_name.clone()),
            email: (self.email != before.email).then(|| self.email.clone()),
            language: (self.language != before.language).then(|| self.language.clone()),
            roles: (self.roles != before.roles).then(|| self.roles.clone()),
            teams: (self.teams != before.teams).then(|| self.teams.clone()),
            active: None,
        }
    }
}

/// What the page knows.
#[derive(Clone, PartialEq)]
enum Known {
    Nothing,
    Problem(AttrValue),
    /// The person as the server has them, none for somebody new; all teams and all roles.
    All(Option<Member>, Vec<DirectoryTeam>, Rc<Vec<ListedRole>>),
}

async fn load(id: Option<PersonId>) -> Result<Known, ApiProblem> {
    let member = match id {
        Some(id) => Some(api::person(id).await?),
        None => None,
    };
    Ok(Known::All(member, api::teams().await?, Rc::new(api::roles().await?)))
}

#[component]
pub fn PersonPage(props: &Props) -> Html {
    let known = use_state(|| Known::Nothing);
    let directory = use_engine().directory().get();
    let draft = use_state(|| {
        Draft::fresh(
            directory.organisation.as_ref().and_then(|organisation| organisation.language.as_deref()),
        )
    });
    // The id of somebody new is chosen once: a second try after a lost answer invites nobody twice.
    let fresh = use_memo((), |()| fresh_id::person());
    {
        let (known, draft) = (known.setter(), draft.setter());
        use_effect_with(props.id, move |id| {
            let id = *id;
            spawn_local(async move {
                match load(id).await {
                    Ok(all) => {
                        if let Known::All(Some(member), ..) = &all {
                            draft.set(Draft::of(member));
                        }
                        known.set(all);
                    }
                    Err(problem) => known.set(Known::Problem(api::explain(&problem))),
                }
            });
        });
    }
    let back = Route::People;
    match &*known {
        Known::Nothing => {
            html! { <Page title={t!("people")} {back}><Skeleton label={t!("loading")} /></Page> }
        }
        Known::Problem(text) => {
            html! { <Page title={t!("people")} {back}><Empty icon="cloud-off" title={text.clone()} /></Page> }
        }
        Known::All(member, teams, roles) => {
            let onknown = {
                let (known, draft, teams, roles) =
                    (known.setter(), draft.setter(), teams.clone(), roles.clone());
                Callback::from(move |member: Member| {
                    draft.set(Draft::of(&member));
                    known.set(Known::All(Some(member), teams.clone(), roles.clone()));
                })
            };
            let oncreated = {
                let (known, member, teams, roles) =
                    (known.setter(), member.clone(), teams.clone(), roles.clone());
                Callback::from(move |team: DirectoryTeam| {
                    let all = teams.iter().cloned().chain([team]).collect();
                    known.set(Known::All(member.clone(), all, roles.clone()));
                })
            };
            html! {
                <PersonForm fresh={*fresh} member={member.clone()} teams={teams.clone()} roles={roles.clone()} draft={(*draft).clone()}
                    ondraft={Callback::from(move |next| draft.set(next))} {onknown} {oncreated} />
            }
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    fresh: PersonId,
    member: Option<Member>,
    teams: Vec<DirectoryTeam>,
    roles: Rc<Vec<ListedRole>>,
    draft: Draft,
    ondraft: Callback<Draft>,
    onknown: Callback<Member>,
    oncreated: Callback<DirectoryTeam>,
}

#[component]
fn PersonForm(props: &FormProps) -> Html {
    let (toast, busy) = (use_toast(), use_state_eq(|| false));
    let link = use_state(|| None::<WayIn>);
    let goes = use_replace();
    let phone = use_layout().is_phone();
    // Whoever was new has a page of their own now.
    let onsettled = {
        let (fresh, goes, onknown) = (props.fresh, goes, props.onknown.clone());
        Callback::from(move |member: Member| {
            if member.id == fresh {
                goes.emit(Route::Person { id: member.id });
            } else {
                onknown.emit(member);
            }
        })
    };
    let unproven = use_state(|| None::<Deed>);
    let ended = ending(&busy, &link, &toast, &onsettled);
    let deed = doing(&busy, &unproven, &ended);
    let submit = {
        let (props, deed) = (props.clone(), deed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            deed.emit(Deed::Save(Box::new(props.clone())));
        })
    };
    let handed = {
        let (link, onsettled) = (link.setter(), onsettled.clone());
        Callback::from(move |person: Member| {
            link.set(None);
            onsettled.emit(person);
        })
    };
    let title = props
        .member
        .as_ref()
        .map_or_else(|| t!("people-invite"), |member| member.display_name.clone().into());
    let words = if props.member.is_some() { t!("save") } else { t!("people-invite-send") };
    let save = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)} disabled={*busy}>{ icon_sized("check", 20) }{ words.clone() }</button> }
    };
    let foot = phone.then(|| html! { <div class="actionbar">{ save("btn--xl grow") }</div> });
    let actions = if phone { Html::default() } else { save("") };
    html! {
        <Page {title} back={Route::People} {foot} {actions} class="detail">
            <div class="formpage stack" style="--gap:1.25rem">
                { fields(props, submit) }
                if let Some(member) = &props.member {
                    { deeds(member, &deed, &props.onknown, *busy) }
                    <Privacy member={member.clone()} onchange={props.onknown.clone()} />
                }
            </div>
            if let Some(way) = &*link { { hand_over(way, &handed) } }
            if let Some(again) = &*unproven { { prove(again, &deed, &unproven) } }
        </Page>
    }
}

/// The link that a server without emails leaves to whoever asked for it.
fn hand_over(way: &WayIn, handed: &Callback<Member>) -> Html {
    let (link, person) = (way.link.as_deref().unwrap_or_default(), way.person.clone());
    html! {
        <SecretDialog title={t!("people-link-title", name = person.display_name.clone())} text={t!("people-link-text")}
            label={t!("people-link")} secret={browser::absolute(link)} onclose={handed.reform(move |()| person.clone())} />
    }
}

/// Whoever administers shows who they are, and it is done again.
fn prove(again: &Deed, deed: &Callback<Deed>, unproven: &UseStateHandle<Option<Deed>>) -> Html {
    let (again, unproven) = (again.clone(), unproven.setter());
    let onproven = deed.reform(move |()| again.clone());
    let onclose = Callback::from(move |()| unproven.set(None));
    html! { <ProofDialog {onproven} {onclose} /> }
}

/// Does one thing after the other.
fn doing(
    busy: &UseStateHandle<bool>,
    unproven: &UseStateHandle<Option<Deed>>,
    ended: &Callback<Outcome>,
) -> Callback<Deed> {
    let (busy, unproven, ended) = (busy.clone(), unproven.setter(), ended.clone());
    Callback::from(move |deed: Deed| {
        if *busy {
            return;
        }
        busy.set(true);
        unproven.set(None);
        let (busy, unproven, ended) = (busy.setter(), unproven.clone(), ended.clone());
        spawn_local(async move {
            match deed.clone().done().await {
                Outcome::Unproven => {
                    busy.set(false);
                    unproven.set(Some(deed));
                }
                outcome => ended.emit(outcome),
            }
        });
    })
}

/// Shows what came of something that was asked of the server.
fn ending(
    busy: &UseStateHandle<bool>,
    link: &UseStateHandle<Option<WayIn>>,
    toast: &Toaster,
    onsettled: &Callback<Member>,
) -> Callback<Outcome> {
    let (busy, link, toast, onsettled) = (busy.setter(), link.setter(), toast.clone(), onsettled.clone());
    Callback::from(move |outcome: Outcome| {
        busy.set(false);
        match outcome {
            Outcome::Done(member, words) => {
                onsettled.emit(*member);
                toast.show(Toast::new("check", words));
            }
            Outcome::HandOver(way) => link.set(Some(*way)),
            // That is asked for again.
            Outcome::Unproven => {}
            Outcome::Said(words) => toast.show(Toast::new("check", words)),
            Outcome::Failed(words) => toast.show(Toast::new("circle-alert", words)),
        }
    })
}

fn fields(props: &FormProps, onsubmit: Callback<SubmitEvent>) -> Html {
    let draft = &props.draft;
    let edit = |change: fn(&mut Draft, String)| {
        let (draft, ondraft) = (draft.clone(), props.ondraft.clone());
        Callback::from(move |text: String| {
            let mut next = draft.clone();
            change(&mut next, text);
            ondraft.emit(next);
        })
    };
    let (onname, onemail) =
        (edit(|draft, text| draft.display_name = text), edit(|draft, text| draft.email = text));
    let onlanguage = edit(|draft, text| draft.language = text).reform(|value: AttrValue| value.to_string());
    let onroles = {
        let (draft, ondraft) = (draft.clone(), props.ondraft.clone());
        Callback::from(move |roles| ondraft.emit(Draft { roles, ..draft.clone() }))
    };
    let onteams = {
        let (draft, ondraft) = (draft.clone(), props.ondraft.clone());
        Callback::from(move |teams| ondraft.emit(Draft { teams, ..draft.clone() }))
    };
    let languages: Vec<(AttrValue, AttrValue)> =
        Language::ALL.iter().map(|each| (each.tag().into(), each.name().into())).collect();
    html! {
        <form id={FORM} data-draft="" class="stack form" style="--gap:1rem" novalidate=true {onsubmit}>
            <Field id="person-name" label={t!("field-name")}>
                <TextField id="person-name" value={draft.display_name.clone()} oninput={onname} autocomplete="off" />
            </Field>
            <Field id="person-email" label={t!("email")} hint={t!("people-email-hint")}>
                <TextField id="person-email" kind="email" inputmode="email" value={draft.email.clone()} oninput={onemail} autocomplete="off" />
            </Field>
            <RoleRows roles={draft.roles.clone()} teams={props.teams.clone()} known={props.roles.clone()} onchange={onroles} />
            <TeamChips teams={props.teams.clone()} chosen={draft.teams.clone()} onchange={onteams} oncreated={props.oncreated.clone()} />
            <Field id="person-language" label={t!("people-language")}>
                <SelectField id="person-language" options={languages} chosen={draft.language.clone()} onchoose={onlanguage} />
            </Field>
            <button type="submit" hidden=true></button>
        </form>
    }
}

/// What can be done with somebody besides changing them.
fn deeds(member: &Member, deed: &Callback<Deed>, onreset: &Callback<Member>, busy: bool) -> Html {
    let button = |what: Deed, symbol: &'static str, words: AttrValue| {
        let onclick = deed.reform(move |_: MouseEvent| what.clone());
        html! { <button type="button" class="btn" {onclick} disabled={busy}>{ icon(symbol) }{ words }</button> }
    };
    let id = member.id;
    let buttons = match member.standing {
        Standing::Invited => html! {
            <>
                { button(Deed::LetIn(id), "mail", t!("people-invite-again")) }
                { button(Deed::Activate(id, false), "lock", t!("people-deactivate")) }
            </>
        },
        Standing::Active => html! {
            <>
                { button(Deed::LetIn(id), "lock-keyhole", t!("people-new-password")) }
                { button(Deed::SignOut(id), "power-off", t!("people-sign-out")) }
                { button(Deed::Activate(id, false), "lock", t!("people-deactivate")) }
            </>
        },
        Standing::Disabled => button(Deed::Activate(id, true), "check", t!("people-activate")),
        Standing::Erased => Html::default(),
    };
    html! {
        <>
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("people-access")}>
            <div class="row" style="--gap:.5rem"><h2 class="t-16 grow">{ t!("people-access") }</h2>{ standing(member) }</div>
            <p class="t-14 muted">{ last_seen(member) }</p>
            if let Some(problem) = &member.email_problem {
                <p class="error" role="status">{ icon("triangle-alert") }<span>{ t!("people-email-problem", problem = problem.clone()) }</span></p>
            }
            <div class="row row--wrap" style="--gap:.5rem">
                { buttons }
                if member.has_second_factor { <FactorReset {id} onreset={onreset.clone()} /> }
            </div>
            if matches!(member.standing, Standing::Invited | Standing::Active) { <p class="t-14 muted">{ t!("people-deactivate-hint") }</p> }
        </section>
        <DeviceList person={member.id} />
        </>
    }
}

/// What came of something that was asked of the server.
enum Outcome {
    Done(Box<Member>, AttrValue),
    HandOver(Box<WayIn>),
    Said(AttrValue),
    /// Whoever asks has to show once more who they are.
    Unproven,
    Failed(AttrValue),
}

impl Outcome {
    fn of_way(way: WayIn) -> Self {
        match &way.link {
            Some(_) => Self::HandOver(Box::new(way)),
            None => {
                let words = t!("people-email-sent", address = way.person.email.clone());
                Self::Done(Box::new(way.person), words)
            }
        }
    }

    fn of(answer: Result<Self, ApiProblem>) -> Self {
        match answer {
            Ok(outcome) => outcome,
            Err(problem) if problem.code() == "proof_required" => Self::Unproven,
            Err(problem) => Self::Failed(api::explain(&problem)),
        }
    }
}

#[derive(Clone)]
enum Deed {
    Save(Box<FormProps>),
    LetIn(PersonId),
    SignOut(PersonId),
    Activate(PersonId, bool),
}

impl Deed {
    async fn done(self) -> Outcome {
        let answer = match self {
            Self::Save(props) => return save(&props).await,
            Self::LetIn(id) => api::let_in(id).await.map(Outcome::of_way),
            Self::SignOut(id) => {
                api::sign_out_everywhere(id).await.map(|()| Outcome::Said(t!("people-signed-out")))
            }
            Self::Activate(id, active) => {
                let wanted = MemberChange { active: Some(active), ..MemberChange::default() };
                let words = if active { t!("people-activated") } else { t!("people-deactivated") };
                api::change(id, &wanted).await.map(|member| Outcome::Done(Box::new(member), words))
            }
        };
        Outcome::of(answer)
    }
}

async fn save(props: &FormProps) -> Outcome {
    let draft = &props.draft;
    if draft.display_name.trim().is_empty() || !draft.email.contains('@') {
        return Outcome::Failed(t!("people-value"));
    }
    let answer = match &props.member {
        Some(member) => api::change(member.id, &draft.change_from(member))
            .await
            .map(|changed| Outcome::Done(Box::new(changed), t!("people-saved"))),
        None => {
            let new = NewMember {
                id: props.fresh,
                display_name: draft.display_name.clone(),
                email: draft.email.clone(),
                language: draft.language.clone(),
                roles: draft.roles.clone(),
                teams: draft.teams.clone(),
            };
            api::invite(&new).await.map(Outcome::of_way)
        }
    };
    Outcome::of(answer)
}
