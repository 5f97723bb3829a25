//! Whom the organisation asks for a second factor.

use shared_model::second_factor::{FactorRule, SecurityRules};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::ProofDialog;
use super::api;
use crate::locale::{self, t};
use crate::widgets::{Field, SelectField, Toast, use_toast};

const ID: &str = "second-factor-rule";

/// Nothing is shown until the server has said what holds.
#[component]
pub fn RuleField() -> Html {
    let rule = use_state(|| None::<FactorRule>);
    let asking = use_state(|| None::<FactorRule>);
    let toast = use_toast();
    {
        let rule = rule.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                if let Ok(rules) = api::rules().await {
                    rule.set(Some(rules.second_factor_required_for));
                }
            });
        });
    }
    let change = {
        let (rule, asking, toast) = (rule.setter(), asking.setter(), toast);
        Callback::from(move |wanted: FactorRule| {
            let (rule, asking, toast) = (rule.clone(), asking.clone(), toast.clone());
            spawn_local(async move {
                match api::change_rules(SecurityRules { second_factor_required_for: wanted }).await {
                    Ok(rules) => {
                        rule.set(Some(rules.second_factor_required_for));
                        toast.show(Toast::new("check", t!("people-saved")));
                    }
                    Err(refused) if refused.code() == "proof_required" => asking.set(Some(wanted)),
                    Err(refused) => toast.show(Toast::new("circle-alert", super::explain(&refused))),
                }
            });
        })
    };
    let Some(chosen) = *rule else { return Html::default() };
    let options: Vec<(AttrValue, AttrValue)> = FactorRule::ALL
        .iter()
        .map(|rule| (rule.code().into(), locale::text(&format!("factor-rule-{}", rule.code()), None)))
        .collect();
    let onchoose = {
        let change = change.clone();
        Callback::from(move |code: AttrValue| {
            if let Some(wanted) = FactorRule::from_code(&code) {
                change.emit(wanted);
            }
        })
    };
    let proof = asking.map(|wanted| {
        let close = {
            let asking = asking.setter();
            Callback::from(move |()| asking.set(None))
        };
        let onproven = {
            let (close, change) = (close.clone(), change.clone());
            Callback::from(move |()| {
                close.emit(());
                change.emit(wanted);
            })
        };
        html! { <ProofDialog {onproven} onclose={close} /> }
    });
    html! {
        <div style="max-inline-size:48rem">
            <Field id={ID} label={t!("factor-rule")} hint={t!("factor-rule-hint")}>
                <SelectField id={ID} {options} chosen={chosen.code()} {onchoose} />
            </Field>
            { proof }
        </div>
    }
}
