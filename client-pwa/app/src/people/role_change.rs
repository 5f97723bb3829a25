//! What a change of a role means for the people who have it, before it is saved.

use shared_model::permission::{FieldName, Permission};
use yew::prelude::*;

use super::role_words::{field_name, permission_name};
use crate::locale::t;
use crate::widgets::icon;

/// What a role lets do and does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content {
    pub permissions: Vec<Permission>,
    pub read_only: Vec<FieldName>,
    pub hides_costs: bool,
}

impl Content {
    fn lets(&self, permission: Permission) -> bool {
        let is_money = shared_model::permission::RoleDefinition::is_money(permission);
        self.permissions.contains(&permission) && !(self.hides_costs && is_money)
    }

    /// Does it let write the field?
    fn writes(&self, field: FieldName) -> bool {
        self.lets(field.field().permission) && !self.read_only.contains(&field)
    }

    /// What this lets do that the other does not, in words. A field is told of only where its permission stays.
    fn more_than(&self, other: &Self) -> Vec<String> {
        let permissions = Permission::ALL.iter().copied();
        let permissions = permissions.filter(|permission| self.lets(*permission) && !other.lets(*permission));
        let fields = FieldName::all().filter(|field| {
            self.writes(*field) && !other.writes(*field) && other.lets(field.field().permission)
        });
        let fields =
            fields.map(|field| t!("roles-writes", field = field_name(field).to_string()).to_string());
        permissions.map(|permission| permission_name(permission).to_string()).chain(fields).collect()
    }
}

/// How many people have the role, and what they gain and lose.
pub(super) fn preview(before: &Content, after: &Content, holders: u32) -> Html {
    let (gained, lost) = (after.more_than(before), before.more_than(after));
    let side = |tone: &'static str, symbol: &'static str, title: AttrValue, lines: Vec<String>| {
        (!lines.is_empty()).then(|| {
            html! {
                <div>
                    <p class="row tone t-14 w-str" data-tone={tone} style="--gap:.375rem">{ icon(symbol) }{ title }</p>
                    <ul class="t-14" style="margin:.25rem 0 0;padding-inline-start:1.5rem">{ for lines.into_iter().map(|line| html! { <li key={line.clone()}>{ line }</li> }) }</ul>
                </div>
            }
        })
    };
    let is_same = gained.is_empty() && lost.is_empty();
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("roles-effect")} role="status">
            <p class="t-15 w-med">{ t!("roles-holders", count = holders) }</p>
            if is_same { <p class="t-14 muted">{ t!("roles-nothing-changes") }</p> }
            { side("green", "plus", t!("roles-gain"), gained) }
            { side("red", "circle-x", t!("roles-lose"), lost) }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_of_where_its_permission_stays() {
        let due = FieldName::from_code("work_order/due").unwrap();
        let before = Content { permissions: vec![Permission::WorkOrderEdit], ..Content::default() };
        let ruled = Content { read_only: vec![due], ..before.clone() };
        assert!(before.writes(due) && !ruled.writes(due));
        let nothing = Content::default();
        assert!(!nothing.lets(Permission::WorkOrderEdit));
        let money = Content { permissions: vec![Permission::CostRead], ..Content::default() };
        assert!(money.lets(Permission::CostRead));
        assert!(!Content { hides_costs: true, ..money }.lets(Permission::CostRead));
    }
}
