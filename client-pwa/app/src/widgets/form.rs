//! A form made of data: fields go in, what a person wrote comes out. It says what is missing when it is sent, and
//! warns while they write.

use shared_model::document::TextEdit;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::{Field, Finder, Picker, SelectField, TextField};
use crate::browser;
use crate::browser::UNKEPT;

/// What a field takes.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// One line.
    Text,
    /// A number, with a comma or a point.
    Decimal,
    /// Several lines.
    Lines,
    /// One of a few: value and label.
    One(Vec<(AttrValue, AttrValue)>),
    /// One of many, to be searched.
    Found(Finder),
}

/// A field of a form.
#[derive(Clone, PartialEq)]
pub struct FormField {
    /// Unique in the form.
    pub name: &'static str,
    pub label: AttrValue,
    /// What stands there before anybody writes.
    pub value: AttrValue,
    pub input: Input,
    /// What speaks against a value; nothing in most cases.
    pub check: Option<Callback<String, AttrValue>>,
    /// What to know about a value that is taken all the same.
    pub note: Option<Callback<String, AttrValue>>,
    /// The note warns.
    pub warns: bool,
    /// Most characters the keyboard gives.
    pub most: Option<usize>,
}

impl FormField {
    /// One line that takes anything.
    pub fn text(name: &'static str, label: AttrValue, value: impl Into<AttrValue>) -> Self {
        let (value, input) = (value.into(), Input::Text);
        Self { name, label, value, input, check: None, note: None, warns: false, most: None }
    }

    /// The same field with another kind of input.
    pub fn taking(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// The same field, taking no more than so many characters.
    pub fn of_at_most(self, most: usize) -> Self {
        Self { most: Some(most), ..self }
    }

    /// The same field, refusing values that something speaks against.
    pub fn checked(self, check: impl Fn(&str) -> AttrValue + 'static) -> Self {
        Self { check: Some(Callback::from(move |text: String| check(&text))), ..self }
    }

    /// The same field, saying something about values it takes.
    pub fn noted(self, note: impl Fn(&str) -> AttrValue + 'static) -> Self {
        Self { note: Some(Callback::from(move |text: String| note(&text))), ..self }
    }

    /// The same field, warning of values it takes all the same.
    pub fn warned(self, note: impl Fn(&str) -> AttrValue + 'static) -> Self {
        Self { warns: true, ..self.noted(note) }
    }
}

/// A field that somebody wrote in: what stands there now, and what stood there when they began.
#[derive(Clone, PartialEq)]
struct Written {
    name: &'static str,
    text: String,
    over: String,
}

/// What stands in a form: name, present text, and the text it was written over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<(&'static str, String, String)>);

impl Values {
    fn texts(&self, name: &str) -> (&str, &str) {
        let found = self.0.iter().find(|(other, ..)| *other == name);
        found.map_or(("", ""), |(_, now, before)| (now.trim(), before.trim()))
    }

    /// The text of a field, without blanks around it.
    pub fn get(&self, name: &str) -> &str {
        self.texts(name).0
    }

    /// The text of a field; none when it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// What the person changed in a text in which others may write meanwhile.
    pub fn edit(&self, name: &str) -> TextEdit {
        let found = self.0.iter().find(|(other, ..)| *other == name);
        let before = found.map(|(_, _, before)| before.clone()).unwrap_or_default();
        TextEdit::over(before, self.get(name).to_owned())
    }

    /// Did the person write something else than what stood there?
    pub fn has_changed(&self, name: &str) -> bool {
        let (now, before) = self.texts(name);
        now != before
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Of the form: a button elsewhere sends it with `form={id}`.
    pub id: AttrValue,
    pub fields: Vec<FormField>,
    /// Nothing speaks against the values.
    pub onsubmit: Callback<Values>,
}

#[component]
pub fn Form(props: &Props) -> Html {
    let written = use_state(Vec::<Written>::new);
    let tried = use_state_eq(|| false);
    let texts = |field: &FormField| {
        let written = written.iter().find(|written| written.name == field.name);
        written.map_or_else(
            || (field.value.to_string(), field.value.to_string()),
            |written| (written.text.clone(), written.over.clone()),
        )
    };
    let value = |field: &FormField| texts(field).0;
    let problem = |field: &FormField| {
        field.check.as_ref().map_or_else(AttrValue::default, |check| check.emit(value(field)))
    };
    let onsubmit = {
        let wrong = props.fields.iter().find(|field| !problem(field).is_empty());
        let wrong = wrong.map(|field| format!("{}-{}", props.id, field.name));
        let all = props.fields.iter().map(|field| {
            let (text, over) = texts(field);
            (field.name, text, over)
        });
        let (values, tried, done) = (Values(all.collect()), tried.clone(), props.onsubmit.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match &wrong {
                None => done.emit(values.clone()),
                Some(id) => {
                    tried.set(true);
                    browser::focus(id);
                }
            }
        })
    };
    let row = |field: &FormField| {
        let value = AttrValue::from(value(field));
        let problem = if *tried { problem(field) } else { AttrValue::default() };
        let note = field.note.as_ref().map(|note| note.emit(value.to_string())).unwrap_or_default();
        let (hint, warning) =
            if field.warns { (AttrValue::default(), note) } else { (note, AttrValue::default()) };
        let id = AttrValue::from(format!("{}-{}", props.id, field.name));
        let (written, name, (_, over)) = (written.clone(), field.name, texts(field));
        let onwrite = Callback::from(move |text: String| {
            let mut next = (*written).clone();
            next.retain(|other| other.name != name);
            next.push(Written { name, text, over: over.clone() });
            written.set(next);
        });
        html! {
            <Field key={field.name} id={id.clone()} label={field.label.clone()} problem={problem.clone()} {hint} {warning}>
                { control(field, id, value, !problem.is_empty(), onwrite) }
            </Field>
        }
    };
    html! {
        <form id={props.id.clone()} class="stack form" style="--gap:1rem" novalidate=true {onsubmit}>
            { for props.fields.iter().map(row) }
            // Without a button of its own, Enter would not send a form of several fields.
            <button type="submit" hidden=true></button>
        </form>
    }
}

fn control(
    field: &FormField,
    id: AttrValue,
    value: AttrValue,
    invalid: bool,
    onwrite: Callback<String>,
) -> Html {
    let unsent = value != field.value;
    match &field.input {
        Input::Text => {
            html! { <TextField {id} {value} oninput={onwrite} {invalid} {unsent} most={field.most} /> }
        }
        Input::Decimal => {
            html! { <TextField {id} {value} oninput={onwrite} {invalid} {unsent} inputmode="decimal" /> }
        }
        Input::Lines => {
            let oninput = onwrite
                .reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
            html! { <textarea {id} form={UNKEPT} class="textarea" rows="3" {value} maxlength={field.most.map(|most| most.to_string())} {oninput} data-unsent={unsent.then_some("")} /> }
        }
        Input::One(options) => {
            let onchoose = onwrite.reform(|value: AttrValue| value.to_string());
            html! { <SelectField {id} options={options.clone()} chosen={value} {onchoose} /> }
        }
        Input::Found(finder) => {
            html! { <Picker {id} label={field.label.clone()} {value} finder={finder.clone()} onchoose={onwrite} /> }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn blanks_around_a_text_change_nothing() {
        let field = |name, now: &str, before: &str| (name, now.to_owned(), before.to_owned());
        let values = Values(vec![field("tag", " P-204 ", "P-204"), field("serial", " ", "")]);
        assert!(!values.has_changed("tag") && !values.has_changed("serial") && !values.has_changed("model"));
        assert_eq!((values.text("tag"), values.text("serial")), (Some("P-204".to_owned()), None));
    }
}
