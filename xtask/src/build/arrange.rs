//! The order of the functions in a module. Compression finds what repeats the better the nearer it lies: functions of one
//! type that begin alike, as those made from one source do, are laid side by side. `wasm-opt` moves them by their
//! names, so names that say the order are written into the module; they go again with the same run.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use wasm_encoder::{NameMap, NameSection, Section};
use wasmparser::{Parser, Payload, TypeRef};

/// How many bytes of their code functions are compared by.
const COMPARED: usize = 64;

/// Names the functions of a module without names after the place each is to have.
pub fn name_by_place(file: &Path) -> Result<()> {
    let mut wasm = fs::read(file)?;
    let names = names(&wasm).with_context(|| format!("{} is no module", file.display()))?;
    names.append_to(&mut wasm);
    Ok(fs::write(file, wasm)?)
}

fn names(wasm: &[u8]) -> Result<NameSection> {
    let (mut imported, mut types, mut bodies) = (0_u32, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(functions) => {
                for index in functions {
                    types.push(index?);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(&wasm[body.range()]),
            _ => {}
        }
    }
    let begin = |index: usize| &bodies[index][..bodies[index].len().min(COMPARED)];
    let mut order: Vec<usize> = (0..bodies.len()).collect();
    order.sort_by_key(|index| (types[*index], begin(*index)));
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, index)| places[*index] = place);
    let mut map = NameMap::new();
    for (index, place) in (imported..).zip(places) {
        map.append(index, &format!("{place:06}"));
    }
    let mut section = NameSection::new();
    section.functions(&map);
    Ok(section)
}
