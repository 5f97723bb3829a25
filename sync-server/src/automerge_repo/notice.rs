//! What the server says to a client's program, as an ephemeral message on the handle of a document.

use minicbor::Encoder;

use super::conversation::Refusal;

/// A change was refused: `{type: "change-refused", change, code, detail}`.
pub fn refused(refusal: &Refusal) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write(&mut Encoder::new(&mut bytes), refusal);
    debug_assert!(written.is_ok(), "writing to memory does not fail");
    bytes
}

fn write(
    out: &mut Encoder<&mut Vec<u8>>,
    refusal: &Refusal,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    out.map(4)?.str("type")?.str("change-refused")?;
    out.str("change")?.str(&refusal.hash.to_string())?;
    out.str("code")?.str(&refusal.code)?.str("detail")?.str(&refusal.detail)?.ok()
}
