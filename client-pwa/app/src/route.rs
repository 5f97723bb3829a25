//! Every page of the app: one list, one match.

use shared_model::identity::{DocumentId, PersonId};
use shared_model::permission::Role;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::audit::{AuditPage, TimelinePage};
use crate::features::{asset, board, part, sync_panel, work_order};
use crate::people::{PeoplePage, PersonPage};
use crate::session::{LockPage, SessionsPage, use_session};
use crate::shell::{MorePage, not_found_page};

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
            Self::Sessions
            | Self::DeviceLock
            | Self::Audit
            | Self::Timeline { .. }
            | Self::People
            | Self::NewPerson
            | Self::Person { .. } => Self::More,
            other => other,
        }
    }
}

/// The page of a route.
pub fn page(route: Route) -> Html {
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
        Route::Sessions => html! { <SessionsPage /> },
        Route::DeviceLock => html! { <LockPage /> },
        Route::Audit => html! { <AuditPage /> },
        Route::Timeline { id } => html! { <TimelinePage key={id.to_string()} {id} /> },
        Route::People => html! { <PeoplePage /> },
        Route::NewPerson => html! { <PersonPage key="new" /> },
        Route::Person { id } => html! { <PersonPage key={id.to_string()} {id} /> },
        Route::NotFound => not_found_page(),
    }
}

/// Where a role begins its day.
const fn landing(role: Option<Role>) -> Route {
    match role {
        Some(Role::Admin | Role::Manager | Role::Supervisor) => Route::Board,
        Some(Role::Storekeeper) => Route::Parts,
        Some(Role::Office | Role::Requester) => Route::WorkOrders,
        Some(Role::Technician | Role::Contractor) | None => Route::MyWork,
    }
}

#[component]
fn Landing() -> Html {
    let session = use_session();
    html! { <Redirect<Route> to={landing(session.role())} /> }
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
