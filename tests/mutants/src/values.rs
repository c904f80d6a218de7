//! What a function could answer instead.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// Values of the type that a function answers with, as source text; those that do not compile are left out later.
pub(crate) fn of(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec!["()".to_owned()],
        ReturnType::Type(_, kind) => of_type(kind),
    }
}

fn of_type(kind: &Type) -> Vec<String> {
    match kind {
        Type::Tuple(it) if it.elems.is_empty() => vec!["()".to_owned()],
        Type::Reference(it) if matches!(&*it.elem, Type::Path(path) if path.path.is_ident("str")) => {
            vec!["\"mutant\"".to_owned()]
        }
        Type::Path(it) => {
            let Some(segment) = it.path.segments.last() else { return Vec::new() };
            let inner = match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|it| match it {
                    GenericArgument::Type(kind) => Some(of_type(kind)),
                    _ => None,
                }),
                _ => None,
            };
            named(&segment.ident.to_string(), inner)
        }
        _ => Vec::new(),
    }
}

fn named(name: &str, inner: Option<Vec<String>>) -> Vec<String> {
    let wrapped = |word: &str, inner: Option<Vec<String>>| {
        inner.unwrap_or_default().iter().map(|value| format!("{word}({value})")).collect::<Vec<_>>()
    };
    let one = |value: &str| vec![value.to_owned()];
    match name {
        "bool" => vec!["true".to_owned(), "false".to_owned()],
        "String" => one("String::from(\"mutant\")"),
        "Option" => one("None").into_iter().chain(wrapped("Some", inner)).collect(),
        "Result" if inner.is_none() => one("Ok(())"),
        "Result" => wrapped("Ok", inner),
        "Vec" => one("Vec::new()"),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => vec!["0".to_owned(), "1".to_owned()],
        "Self" => Vec::new(),
        _ => one("Default::default()"),
    }
}
