//! A long table of equal rows: only those in sight are built, whatever the length of the list.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

/// Rows built above and below those in sight, so that scrolling never shows a gap.
const MARGIN: usize = 6;
/// Until the box has been measured.
const FIRST: usize = 30;

#[derive(Properties)]
pub struct Props {
    /// How many rows there are.
    pub count: usize,
    /// Height of each row in pixels.
    pub row_px: f64,
    /// The `<thead>`.
    pub head: Html,
    /// Builds one row. Its key is its place in the list: when others come, their words change in the rows that stand
    /// there, which costs a browser far less than new rows.
    pub row: Rc<dyn Fn(usize) -> Html>,
    /// Read out as the table's name.
    pub label: AttrValue,
    /// What is shown instead when there is no row.
    #[prop_or_default]
    pub empty: Html,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
            && Rc::ptr_eq(&self.row, &other.row)
            && self.head == other.head
            && self.empty == other.empty
            && self.label == other.label
    }
}

#[component]
pub fn TableWindow(props: &Props) -> Html {
    let scroller = use_node_ref();
    let range = use_state_eq(|| (0, FIRST));
    let measure = {
        let (range, scroller, row_px) = (range.setter(), scroller.clone(), props.row_px);
        Callback::from(move |()| {
            if let Some(scroller) = scroller.cast::<Element>() {
                let first = (f64::from(scroller.scroll_top()) / row_px) as usize;
                let seen = (f64::from(scroller.client_height()) / row_px) as usize + 1;
                // Steps of MARGIN: a few pixels of scrolling build nothing new.
                let start = first.saturating_sub(MARGIN) / MARGIN * MARGIN;
                range.set((start, start + seen + 2 * MARGIN));
            }
        })
    };
    {
        let measure = measure.clone();
        use_effect_with(props.count, move |_| measure.emit(()));
    }
    let onscroll = measure.reform(|_: Event| ());
    let end = range.1.min(props.count);
    let start = range.0.min(end);
    let gap = |rows: usize| format!("block-size:{}px", rows as f64 * props.row_px);
    html! {
        <div ref={scroller} class="scroll-y tablewrap window" {onscroll} tabindex="0" aria-label={props.label.clone()} role="region">
            <table class="table" aria-rowcount={props.count.to_string()} style={format!("--row:{}px", props.row_px)}>
                { props.head.clone() }
                <tbody>
                    if start > 0 { <tr aria-hidden="true" style={gap(start)}><td colspan="20" style="block-size:auto;padding:0;box-shadow:none"></td></tr> }
                    { for (start..end).map(|index| (props.row)(index)) }
                    if end < props.count { <tr aria-hidden="true" style={gap(props.count - end)}><td colspan="20" style="block-size:auto;padding:0;box-shadow:none"></td></tr> }
                </tbody>
            </table>
            if props.count == 0 { { props.empty.clone() } }
        </div>
    }
}
