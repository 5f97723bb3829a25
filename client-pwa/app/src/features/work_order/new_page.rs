//! A new work order, written down with or without a network.

use shared_model::document::DocumentKind;
use shared_model::features::asset::AssetSummary;
use shared_model::features::work_order::{
    self, AssetLink, AttachedChecklist, MAX_DESCRIPTION_CHARS, MAX_TITLE_BYTES, NewWorkOrder, Origin,
    Priority, WorkType,
};
use shared_model::features::{Command, Row, View};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::Permission;
use yew::prelude::*;
use yew_router::prelude::*;

use super::asset_picker::AssetPicker;
use super::words::{priority_label, type_label};
use crate::browser::UNKEPT;
use crate::engine_client::{Shown, use_attempt, use_engine, use_view};
use crate::fresh_id;
use crate::hooks::Loadable;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::row_store::use_rows;
use crate::shell::Page;
use crate::widgets::{DateTimeField, Field, Segment, Segmented, SelectField, TextField, icon_sized};

/// The way to a new work order, for whoever may create one.
#[component]
pub fn NewWorkOrderLink() -> Html {
    if !use_engine().may(Permission::WorkOrderCreate) {
        return html! {};
    }
    html! {
        <Link<Route> to={Route::NewWorkOrder} classes="btn btn--primary new-link">{ icon_sized("plus", 20) }<span>{ t!("new-work-order") }</span></Link<Route>>
    }
}

#[derive(Clone, PartialEq)]
struct Form {
    title: String,
    description: String,
    work_type: WorkType,
    priority: Priority,
    asset: Option<AssetSummary>,
    due: Option<Timestamp>,
    mine: bool,
    checklist: Option<AttachedChecklist>,
}

impl Form {
    fn empty() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            work_type: WorkType::Corrective,
            priority: Priority::Medium,
            asset: None,
            due: None,
            mine: true,
            checklist: None,
        }
    }

    fn into_command(self, id: DocumentId, me: PersonId) -> Command {
        let people = if self.mine { vec![me] } else { Vec::new() };
        let assigned_event = self.mine.then(fresh_id::record);
        Command::WorkOrder(work_order::Command::Create(Box::new(NewWorkOrder {
            id,
            title: self.title.trim().to_owned(),
            description: self.description,
            work_type: self.work_type,
            priority: self.priority,
            origin: Origin::Manual,
            external: None,
            requester: None,
            site: self.asset.as_ref().and_then(|asset| asset.site),
            location: self.asset.as_ref().and_then(|asset| asset.location),
            assets: self
                .asset
                .into_iter()
                .map(|asset| AssetLink { id: asset.id, tag: asset.tag, name: asset.name })
                .collect(),
            people,
            teams: Vec::new(),
            tags: Vec::new(),
            planned_start: None,
            due: self.due,
            estimated_minutes: None,
            checklists: self.checklist.into_iter().collect(),
            assigned_event,
        })))
    }
}

#[component]
pub fn NewPage() -> Html {
    let engine = use_engine();
    let attempt = use_attempt();
    let goes = use_replace();
    let form = use_state(Form::empty);
    let tried = use_state(|| false);
    let may_assign = engine.may_begin_with(DocumentKind::WorkOrder, "people");
    let may_prioritise = engine.may_begin_with(DocumentKind::WorkOrder, "priority");
    let may_schedule = engine.may_begin_with(DocumentKind::WorkOrder, "due");
    let create = {
        let (form, tried) = (form.clone(), tried.clone());
        Callback::from(move |()| {
            if form.title.trim().is_empty() || form.title.len() > MAX_TITLE_BYTES {
                tried.set(true);
                return;
            }
            let id = fresh_id::document();
            let form = Form { mine: form.mine && may_assign, ..(*form).clone() };
            let command = form.into_command(id, engine.person());
            attempt.run(vec![command], goes.reform(move |()| Route::WorkOrder { id }));
        })
    };
    let onsubmit = {
        let create = create.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            create.emit(());
        })
    };
    let onclick = create.reform(|_: MouseEvent| ());
    let bar = html! {
        <div class="actionbar"><button type="button" class="btn btn--xl btn--primary grow" {onclick}>{ icon_sized("check", 24) }{ t!("create-work-order") }</button></div>
    };
    html! {
        <Page title={t!("new-work-order")} back={Route::WorkOrders} foot={bar.clone()} class="detail">
            <form class="stack form" style="--gap:1.125rem" {onsubmit}>
                { words(&form, *tried) }
                { kind(&form, may_prioritise) }
                <About form={form.clone()} />
                { when(&form, may_schedule, may_assign) }
                <div class="only-wide">{ bar }</div>
            </form>
        </Page>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PartProps {
    form: UseStateHandle<Form>,
}

/// A callback that changes one thing of the form.
fn change<T: 'static>(form: &UseStateHandle<Form>, change: impl Fn(&mut Form, T) + 'static) -> Callback<T> {
    let form = form.clone();
    Callback::from(move |value| {
        let mut next = (*form).clone();
        change(&mut next, value);
        form.set(next);
    })
}

fn words(form: &UseStateHandle<Form>, tried: bool) -> Html {
    let problem = match (tried, form.title.trim().is_empty(), form.title.len() > MAX_TITLE_BYTES) {
        (true, true, _) => t!("title-needed"),
        (_, _, true) => t!("title-too-long"),
        _ => AttrValue::default(),
    };
    let describe = change(form, |form, event: InputEvent| {
        form.description = event.target_unchecked_into::<web_sys::HtmlTextAreaElement>().value();
    });
    html! {
        <>
            <Field id="title" label={t!("field-title")} problem={problem.clone()}>
                <TextField id="title" value={form.title.clone()} placeholder={t!("title-placeholder")} oninput={change(form, |form, title| form.title = title)} invalid={!problem.is_empty()} unsent={!form.title.is_empty()} />
            </Field>
            <Field id="new-description" label={t!("description")}>
                <textarea id="new-description" form={UNKEPT} class="textarea" rows="3" maxlength={MAX_DESCRIPTION_CHARS.to_string()} value={form.description.clone()} placeholder={t!("description-placeholder")} oninput={describe} data-unsent={(!form.description.is_empty()).then_some("")} />
            </Field>
        </>
    }
}

fn kind(form: &UseStateHandle<Form>, may_prioritise: bool) -> Html {
    let types = WorkType::ALL.iter().map(|each| (each.code().into(), type_label(*each))).collect::<Vec<_>>();
    let priorities =
        Priority::ALL.iter().map(|each| Segment::new(each.code(), priority_label(*each))).collect::<Vec<_>>();
    let choose_type = change(form, |form, code: AttrValue| {
        form.work_type = WorkType::from_code(&code).unwrap_or(form.work_type);
    });
    let choose_priority = change(form, |form, code: Option<AttrValue>| {
        form.priority = code.and_then(|code| Priority::from_code(&code)).unwrap_or(form.priority);
    });
    html! {
        <>
            <Field id="new-type" label={t!("field-type")}><SelectField id="new-type" options={types} chosen={form.work_type.code()} onchoose={choose_type} /></Field>
            if may_prioritise {
                <div class="field"><span class="label" id="new-priority">{ t!("field-priority") }</span>
                    <Segmented segments={priorities} chosen={AttrValue::from(form.priority.code())} onchoose={choose_priority} labelled_by="new-priority" />
                </div>
            }
        </>
    }
}

#[component]
fn About(props: &PartProps) -> Html {
    let form = &props.form;
    let picking = use_state(|| false);
    let open = {
        let picking = picking.clone();
        Callback::from(move |_: MouseEvent| picking.set(true))
    };
    let onclose = {
        let picking = picking.clone();
        Callback::from(move |()| picking.set(false))
    };
    let onchoose = {
        let (chosen, close) =
            (change(form, |form, asset: AssetSummary| form.asset = Some(asset)), onclose.clone());
        Callback::from(move |asset| {
            chosen.emit(asset);
            close.emit(());
        })
    };
    let clear = change(form, |form, _: MouseEvent| form.asset = None);
    html! {
        <>
            <div class="field"><span class="label" id="new-asset">{ t!("field-asset") }</span>
                <div class="row">
                    <button type="button" class="btn grow" style="justify-content:flex-start" aria-describedby="new-asset" onclick={open}>
                        { icon_sized("component", 20) }
                        { form.asset.as_ref().map_or_else(|| t!("choose-asset"), |asset| format!("{} · {}", asset.tag, asset.name).into()) }
                    </button>
                    if form.asset.is_some() { <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("no-asset")} onclick={clear}>{ icon_sized("x", 20) }</button> }
                </div>
            </div>
            <ChecklistChoice form={form.clone()} />
            if *picking { <AssetPicker {onchoose} {onclose} /> }
        </>
    }
}

/// A published checklist to work through; its steps come from the template.
#[component]
fn ChecklistChoice(props: &PartProps) -> Html {
    let templates = use_rows(DocumentKind::ChecklistTemplate);
    let wanted = use_state(|| None::<DocumentId>);
    let mut options = vec![(AttrValue::default(), t!("no-checklist"))];
    options.extend(templates.iter().filter_map(|entry| match &entry.row {
        Row::ChecklistTemplate(row) if row.published.is_some() && !row.retired => {
            Some((row.id.to_string().into(), row.title.clone().into()))
        }
        _ => None,
    }));
    if options.len() == 1 {
        return html! {};
    }
    let onchoose = {
        let (wanted, clear) = (wanted.clone(), change(&props.form, |form, ()| form.checklist = None));
        Callback::from(move |id: AttrValue| {
            clear.emit(());
            wanted.set(id.parse().ok());
        })
    };
    let onloaded = change(&props.form, |form, list| form.checklist = Some(list));
    html! {
        <Field id="new-checklist" label={t!("checklist")}>
            <SelectField id="new-checklist" {options} chosen={wanted.map(|id| id.to_string()).unwrap_or_default()} {onchoose} />
            if let Some(id) = *wanted { <LoadTemplate key={id.to_string()} {id} {onloaded} /> }
        </Field>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LoadProps {
    id: DocumentId,
    onloaded: Callback<AttachedChecklist>,
}

#[component]
fn LoadTemplate(props: &LoadProps) -> Html {
    let shown = use_view(props.id);
    let onloaded = props.onloaded.clone();
    let list = match &shown {
        Loadable::Ready(Shown { view: View::ChecklistTemplate(template), .. }) => {
            template.current_version().map(|version| AttachedChecklist {
                key: "c0".to_owned(),
                template: Some(template.id),
                version: version.number,
                title: template.title.clone(),
                steps: version.steps.clone(),
            })
        }
        _ => None,
    };
    let steps = list.as_ref().map(|list| list.steps.len());
    use_effect_with(list, move |list| {
        if let Some(list) = list {
            onloaded.emit(list.clone());
        }
    });
    match steps {
        Some(count) => html! { <p class="hint">{ t!("checklist-steps", count = count) }</p> },
        None => html! {},
    }
}

fn when(form: &UseStateHandle<Form>, may_schedule: bool, may_assign: bool) -> Html {
    let toggle = change(form, |form, _: Event| form.mine = !form.mine);
    html! {
        <>
            if may_schedule {
                <Field id="new-due" label={t!("field-due")}><DateTimeField id="new-due" value={form.due} onchange={change(form, |form, due| form.due = due)} /></Field>
            }
            if may_assign {
                <label class="row t-15" style="--gap:.625rem;min-block-size:var(--control)"><input type="checkbox" class="switch" role="switch" checked={form.mine} onchange={toggle} />{ t!("assign-to-me") }</label>
            }
        </>
    }
}
