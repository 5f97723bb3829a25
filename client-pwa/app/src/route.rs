//! Every page of the app: one list, one match.

use shared_model::identity::{DocumentId, PersonId};
use shared_model::permission::{Landing as LandingPage, Permission, Role, RoleKey};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::audit::{AuditPage, TimelinePage};
use crate::engine_client::{Engine, use_engine};
use crate::features::{self, asset, board, part, sync_panel, work_order};
use crate::hooks::use_watched;
use crate::locale::t;
use crate::people::{KeyPage, KeysPage, PeoplePage, PersonPage, RolePage, RolesPage};
use crate::security::SecurityPage;
use crate::session::{LockPage, SessionsPage, use_session};
use crate::settings::{OrganisationPage, PersonalPage};
use crate::shell::{MorePage, not_found_page, not_permitted_page};
use crate::widgets::Skeleton;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Routable)]
pub enum Route {
    #[at("/")]
    Landing,
    #[at("/my-work")]
    MyWork,
    #[at("/board")]
    Board,
    #[at("/work-orders")]
    WorkOrders,
    #[at("/work-orders/new")]
    NewWorkOrder,
    #[at("/work-orders/:id")]
    WorkOrder { id: DocumentId },
    #[at("/assets")]
    Assets,
    #[at("/assets/new")]
    NewAsset,
    #[at("/assets/:id")]
    Asset { id: DocumentId },
    #[at("/assets/:id/edit")]
    EditAsset { id: DocumentId },
    #[at("/parts")]
    Parts,
    #[at("/parts/new")]
    NewPart,
    #[at("/parts/:id")]
    Part { id: DocumentId },
    #[at("/parts/:id/edit")]
    EditPart { id: DocumentId },
    #[at("/inbox")]
    Inbox,
    #[at("/more")]
    More,
    #[at("/settings")]
    Settings,
    #[at("/organisation")]
    Organisation,
    #[at("/security")]
    Security,
    #[at("/sessions")]
    Sessions,
    #[at("/device-lock")]
    DeviceLock,
    #[at("/audit")]
    Audit,
    #[at("/documents/:id/history")]
    Timeline { id: DocumentId },
    #[at("/people")]
    People,
    #[at("/people/new")]
    NewPerson,
    #[at("/people/:id")]
    Person { id: PersonId },
    #[at("/roles")]
    Roles,
    #[at("/roles/new")]
    NewRole,
    #[at("/roles/:role")]
    Role { role: RoleKey },
    #[at("/api-keys")]
    ApiKeys,
    #[at("/api-keys/new")]
    NewApiKey,
    #[not_found]
    #[at("/404")]
    NotFound,
}

impl Route {
    /// The entry of the navigation that is lit while this page is shown.
    pub const fn section(self) -> Self {
        match self {
            Self::WorkOrder { .. } | Self::NewWorkOrder => Self::WorkOrders,
            Self::NewAsset | Self::Asset { .. } | Self::EditAsset { .. } => Self::Assets,
            Self::NewPart | Self::Part { .. } | Self::EditPart { .. } => Self::Parts,
            Self::Security | Self::Sessions | Self::DeviceLock | Self::Settings => Self::More,
            Self::Organisation => Self::More,
            Self::Audit | Self::Timeline { .. } => Self::More,
            Self::People | Self::NewPerson | Self::Person { .. } => Self::More,
            Self::Roles | Self::NewRole | Self::Role { .. } | Self::ApiKeys | Self::NewApiKey => Self::More,
            other => other,
        }
    }

    /// May this person open the page? What it shows is judged again, document by document.
    fn is_open_to(self, engine: &Engine) -> bool {
        let permission = match self {
            Self::MyWork | Self::WorkOrders | Self::WorkOrder { .. } => Permission::WorkOrderRead,
            Self::Board => Permission::WorkOrderAssign,
            Self::NewWorkOrder => Permission::WorkOrderCreate,
            Self::Assets | Self::Asset { .. } => Permission::AssetRead,
            Self::NewAsset | Self::EditAsset { .. } => Permission::AssetEdit,
            Self::Parts | Self::Part { .. } => Permission::PartRead,
            Self::NewPart | Self::EditPart { .. } => Permission::PartEdit,
            Self::Audit | Self::People | Self::NewPerson | Self::Person { .. } => {
                return engine.administers();
            }
            Self::Roles | Self::NewRole | Self::Role { .. } => return engine.administers(),
            Self::ApiKeys | Self::NewApiKey | Self::Organisation => return engine.administers(),
            // What was refused on this device stands in everybody's inbox, and what became of a document is the server's to show.
            Self::Timeline { .. } => return true,
            Self::Security | Self::DeviceLock | Self::Settings => return true,
            Self::Landing | Self::Inbox | Self::More | Self::Sessions | Self::NotFound => return true,
        };
        engine.may(permission)
    }
}

/// The page of a route.
pub fn page(route: Route) -> Html {
    html! { <Guarded {route} /> }
}

#[derive(Clone, Copy, PartialEq, Properties)]
struct GuardedProps {
    route: Route,
}

/// The page, or why it is not shown. Rights may come and go while it is.
#[component]
fn Guarded(props: &GuardedProps) -> Html {
    let engine = use_engine();
    if props.route.is_open_to(&engine) { open(props.route) } else { not_permitted_page() }
}

fn open(route: Route) -> Html {
    match route {
        Route::Landing => html! { <Landing /> },
        Route::MyWork => html! { <work_order::MyWorkPage /> },
        Route::Board => html! { <board::BoardPage /> },
        Route::WorkOrders => html! { <work_order::ListPage /> },
        Route::NewWorkOrder => html! { <work_order::NewPage /> },
        Route::WorkOrder { id } => html! { <work_order::DetailPage key={id.to_string()} {id} /> },
        Route::Assets => html! { <asset::AssetPage /> },
        Route::Asset { id } => html! { <asset::AssetPage {id} /> },
        Route::NewAsset => html! { <asset::AssetForm /> },
        Route::EditAsset { id } => html! { <asset::AssetForm key={id.to_string()} {id} /> },
        Route::Parts => html! { <part::ListPage /> },
        Route::Part { id } => html! { <part::ListPage {id} /> },
        Route::NewPart => html! { <part::PartForm /> },
        Route::EditPart { id } => html! { <part::PartForm key={id.to_string()} {id} /> },
        Route::Inbox => html! { <sync_panel::InboxPage /> },
        Route::More => html! { <MorePage /> },
        Route::Settings => html! { <PersonalPage /> },
        Route::Organisation => html! { <OrganisationPage /> },
        Route::Security => html! { <SecurityPage /> },
        Route::Sessions => html! { <SessionsPage /> },
        Route::DeviceLock => html! { <LockPage /> },
        Route::Audit => html! { <AuditPage /> },
        Route::Timeline { id } => html! { <TimelinePage key={id.to_string()} {id} /> },
        Route::People => html! { <PeoplePage /> },
        Route::NewPerson => html! { <PersonPage key="new" /> },
        Route::Person { id } => html! { <PersonPage key={id.to_string()} {id} /> },
        Route::Roles => html! { <RolesPage /> },
        Route::NewRole => html! { <RolePage key="new" /> },
        Route::Role { role } => html! { <RolePage key={role.to_string()} {role} /> },
        Route::ApiKeys => html! { <KeysPage /> },
        Route::NewApiKey => html! { <KeyPage /> },
        Route::NotFound => not_found_page(),
    }
}

const fn landing(page: LandingPage) -> Route {
    match page {
        LandingPage::MyWork => Route::MyWork,
        LandingPage::Board => Route::Board,
        LandingPage::AllWork => Route::WorkOrders,
        LandingPage::Assets => Route::Assets,
        LandingPage::Parts => Route::Parts,
    }
}

/// Where the person begins their day: where their first role says, else the first page that they may open.
#[component]
fn Landing() -> Html {
    let (session, engine) = (use_session(), use_engine());
    let directory = use_watched(engine.directory());
    // The session that the device keeps may be older than the role.
    if !directory.looked_up {
        return html! { <Skeleton label={t!("loading")} /> };
    }
    let custom = match directory.knows(engine.person()) {
        true => directory.custom_role(engine.person()).cloned(),
        false => session.signed_in.custom_role.clone(),
    };
    let built_in = session.role().map_or(LandingPage::MyWork, Role::landing);
    let wanted = landing(custom.and_then(|role| role.landing).unwrap_or(built_in));
    let first = || features::navigation(|permission| engine.may(permission)).first().map(|entry| entry.route);
    // Nothing else is to be had of the server until a second factor is there.
    let to = match session.signed_in.second_factor_due {
        true => Route::Security,
        false if wanted.is_open_to(&engine) => wanted,
        false => first().unwrap_or(Route::More),
    };
    html! { <Redirect<Route> {to} /> }
}

/// Goes to a page in the place of this one, to which nobody goes back.
#[hook]
pub fn use_replace() -> Callback<Route> {
    let navigator = use_navigator();
    Callback::from(move |route: Route| {
        if let Some(navigator) = &navigator {
            navigator.replace(&route);
        }
    })
}
