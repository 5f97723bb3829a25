//! A short word at the bottom: one at a time, six seconds, one action.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon_sized;

const STAYS_MS: u32 = 6_000;

/// What to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub icon: &'static str,
    pub text: AttrValue,
    pub action: Option<(AttrValue, Callback<()>)>,
    /// Stays until it is answered.
    pub lasting: bool,
}

impl Toast {
    /// A word with an icon that goes by itself.
    pub fn new(icon: &'static str, text: AttrValue) -> Self {
        Self { icon, text, action: None, lasting: false }
    }
}

/// Shows toasts from anywhere below the host.
#[derive(Clone, PartialEq)]
pub struct Toaster(Callback<Toast>);

impl Toaster {
    /// Shows this one now; the one on screen makes room.
    pub fn show(&self, toast: Toast) {
        self.0.emit(toast);
    }
}

/// The toaster of the page.
#[hook]
pub fn use_toast() -> Toaster {
    use_context::<Toaster>().unwrap_or_else(|| Toaster(Callback::noop()))
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub children: Children,
}

/// Holds the page and the place where toasts appear.
#[component]
pub fn ToastHost(props: &Props) -> Html {
    let current = use_state(|| None::<(u32, Toast)>);
    let count = use_mut_ref(|| 0_u32);
    let toaster = {
        let current = current.setter();
        use_memo((), move |()| {
            Toaster(Callback::from(move |toast| {
                let mut count = count.borrow_mut();
                *count += 1;
                current.set(Some((*count, toast)));
            }))
        })
    };
    {
        let setter = current.setter();
        use_effect_with(current.as_ref().map(|(number, toast)| (*number, toast.lasting)), move |shown| {
            let timer =
                matches!(shown, Some((_, false))).then(|| Timeout::new(STAYS_MS, move || setter.set(None)));
            move || drop(timer)
        });
    }
    let toast = current.as_ref().map(|(number, toast)| view(*number, toast, current.setter()));
    html! {
        <ContextProvider<Toaster> context={(*toaster).clone()}>
            { props.children.clone() }
            <div class="toaster" role="status" aria-live="polite">{ toast }</div>
        </ContextProvider<Toaster>>
    }
}

fn view(number: u32, toast: &Toast, current: UseStateSetter<Option<(u32, Toast)>>) -> Html {
    let action = toast.action.as_ref().map(|(label, callback)| {
        let onclick = callback.reform(move |_: MouseEvent| current.set(None));
        html! { <button type="button" class="btn" {onclick}>{ label.clone() }</button> }
    });
    html! {
        <div key={number} class="toast">{ icon_sized(toast.icon, 20) }<span>{ toast.text.clone() }</span>{ action }</div>
    }
}
