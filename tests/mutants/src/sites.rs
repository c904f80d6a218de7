//! Where a mutation fits, and what it does: operators, conditions, numbers, calls whose answer nobody reads, arms of a
//! match, whole bodies.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, BinOp, Block, Expr, ExprBinary, ExprMatch, ImplItemFn, ItemFn, ItemImpl, Lit, Pat,
    Signature, Stmt, UnOp,
};

use crate::values;
use crate::weave::{Weaver, on, range};

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| {
        it.path().is_ident("test")
            || (it.path().is_ident("cfg")
                && it.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("test")))
    })
}

/// Whether it binds, as in `if let Some(x) = y && x > 1`: such a chain cannot be put into a block.
fn binds(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(it) => matches!(it.op, BinOp::And(_)) && (binds(&it.left) || binds(&it.right)),
        _ => false,
    }
}

/// A call that answers yes or no, by the words that this project and the standard library use.
fn asks(name: &str) -> bool {
    ["is_", "has_", "contains", "starts_with", "ends_with", "names_", "allows_", "claims"]
        .iter()
        .any(|word| name.starts_with(word))
        || ["any", "all"].contains(&name)
}

impl Weaver<'_> {
    fn binary(&mut self, it: &ExprBinary) {
        let span = it.span();
        let text = self.text(span);
        match it.op {
            BinOp::Eq(_) | BinOp::Ne(_) => {
                let mutant = self.mutant(span, &format!("`{text}` negated"));
                self.wrap(mutant, span, ("(ON ^ (", "))"), |weaver| visit::visit_expr_binary(weaver, it));
            }
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => self.comparison(it, &text),
            BinOp::And(_) | BinOp::Or(_) if !binds(&it.left) && !binds(&it.right) => self.logic(it, &text),
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                self.arithmetic(it, &text);
            }
            BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::BitOrAssign(_) => {
                let mutant = self.mutant(span, &format!("`{text}` left out"));
                self.wrap(mutant, span, ("if !ON { ", " }"), |weaver| visit::visit_expr_binary(weaver, it));
            }
            _ => visit::visit_expr_binary(self, it),
        }
    }

    /// The bound itself, and the whole turned round.
    fn comparison(&mut self, it: &ExprBinary, text: &str) {
        let (sign, other) = match it.op {
            BinOp::Lt(_) => ("<", "<="),
            BinOp::Le(_) => ("<=", "<"),
            BinOp::Gt(_) => (">", ">="),
            _ => (">=", ">"),
        };
        let bound = self.mutant(it.span(), &format!("`{text}` with {other}"));
        let negated = self.mutant(it.span(), &format!("`{text}` negated"));
        let (Some((bound, of)), Some((negated, also))) = (bound, negated) else {
            return visit::visit_expr_binary(self, it);
        };
        let (left, right) = (range(&it.left), range(&it.right));
        self.open(of, left.start, "(match (&(".to_owned());
        self.visit_expr(&it.left);
        self.replace(range(&it.op), "), &(");
        self.visit_expr(&it.right);
        let arm = ")) { (mutant_l, mutant_r) =>";
        self.close(
            of,
            right.end,
            &format!("{arm} if {} {{ *mutant_l {other} *mutant_r }} else {{ ", on(bound)),
        );
        self.close(also, right.end, &on(negated));
        self.close(of, right.end, &format!(" ^ (*mutant_l {sign} *mutant_r) }} }})"));
    }

    fn logic(&mut self, it: &ExprBinary, text: &str) {
        let is_and = matches!(it.op, BinOp::And(_));
        let other = if is_and { "||" } else { "&&" };
        let Some((id, of)) = self.mutant(it.span(), &format!("`{text}` with {other}")) else {
            return visit::visit_expr_binary(self, it);
        };
        self.open(of, range(&it.left).start, "({ let mutant_l: bool = (".to_owned());
        self.visit_expr(&it.left);
        self.replace(
            range(&it.op),
            &format!("); if {} mutant_l ^ {} {{ ", if is_and { "" } else { "!" }, on(id)),
        );
        self.visit_expr(&it.right);
        self.close(of, range(&it.right).end, " } else { mutant_l } })");
    }

    fn arithmetic(&mut self, it: &ExprBinary, text: &str) {
        let (sign, other) = match it.op {
            BinOp::Add(_) => ("+", "-"),
            BinOp::Sub(_) => ("-", "+"),
            BinOp::Mul(_) => ("*", "/"),
            BinOp::Div(_) => ("/", "*"),
            _ => ("%", "/"),
        };
        let Some((id, of)) = self.mutant(it.span(), &format!("`{text}` with {other}")) else {
            return visit::visit_expr_binary(self, it);
        };
        self.open(of, range(&it.left).start, "(match ((".to_owned());
        self.visit_expr(&it.left);
        self.replace(range(&it.op), "), (");
        self.visit_expr(&it.right);
        self.close(of, range(&it.right).end, &format!(")) {{ (mutant_l, mutant_r) => if {} {{ mutant_l {other} mutant_r }} else {{ mutant_l {sign} mutant_r }} }})", on(id)));
    }

    /// A condition that is neither an operator, which has its own mutations, nor a binding.
    fn condition(&mut self, cond: &Expr) {
        let plain = matches!(cond, Expr::Path(_) | Expr::Field(_) | Expr::Call(_) | Expr::Await(_));
        if !plain && !matches!(cond, Expr::MethodCall(it) if !asks(&it.method.to_string())) {
            return self.visit_expr(cond);
        }
        let mutant = self.mutant(cond.span(), &format!("condition `{}` negated", self.text(cond.span())));
        self.wrap(mutant, cond.span(), ("(ON ^ (", "))"), |weaver| weaver.visit_expr(cond));
    }

    fn number(&mut self, span: proc_macro2::Span) {
        let mutant = self.mutant(span, &format!("another number for `{}`", self.text(span)));
        self.wrap(mutant, span, ("crate::mutant_switch::number(ON, ", ")"), |_| {});
    }

    /// An arm left out, where a later one takes everything; its guard always true.
    fn arm(&mut self, arm: &Arm, may_go: bool) {
        let pattern = self.text(arm.pat.span());
        let gone =
            may_go.then(|| self.mutant(arm.pat.span(), &format!("arm `{pattern}` left out"))).flatten();
        match &arm.guard {
            None => {
                if let Some((id, of)) = gone {
                    self.close(of, range(&arm.pat).end, &format!(" if !{}", on(id)));
                }
            }
            Some((_, guard)) if binds(guard) => self.visit_expr(guard),
            Some((_, guard)) => {
                let always = self.mutant(guard.span(), &format!("guard of `{pattern}` true"));
                self.wrap(gone, guard.span(), ("(!ON && (", "))"), |weaver| {
                    weaver.wrap(always, guard.span(), ("(ON || (", "))"), |weaver| weaver.visit_expr(guard));
                });
            }
        }
        self.visit_expr(&arm.body);
    }

    fn body(&mut self, signature: &Signature, block: &Block) {
        let name = signature.ident.to_string();
        if let Some(constant) = &signature.constness {
            if self.stays_constant(&name) {
                return;
            }
            self.replace(range(constant), "");
        }
        self.function.push(name);
        let start = block.brace_token.span.open().byte_range().end;
        for value in values::of(&signature.output) {
            let answer = if value == "()" { "nothing done" } else { &format!("answers {value}") };
            if let Some((id, of)) = self.mutant(signature.ident.span(), answer) {
                self.open(of, start, format!(" if {} {{ return {value}; }}", on(id)));
            }
        }
        self.visit_block(block);
        self.function.pop();
    }
}

impl<'ast> Visit<'ast> for Weaver<'_> {
    fn visit_item(&mut self, it: &'ast syn::Item) {
        match it {
            // Their values have to be known to the compiler; where they are used they are mutated.
            syn::Item::Const(_) | syn::Item::Static(_) | syn::Item::Enum(_) | syn::Item::Struct(_) => {}
            syn::Item::Mod(it) if is_test(&it.attrs) => {}
            _ => visit::visit_item(self, it),
        }
    }

    fn visit_item_fn(&mut self, it: &'ast ItemFn) {
        if !is_test(&it.attrs) && it.sig.ident != "main" {
            self.body(&it.sig, &it.block);
        }
    }

    fn visit_item_impl(&mut self, it: &'ast ItemImpl) {
        // Debug is for whoever debugs.
        let is_debug = it
            .trait_
            .as_ref()
            .is_some_and(|(_, path, _)| path.segments.last().is_some_and(|segment| segment.ident == "Debug"));
        if !is_test(&it.attrs) && !is_debug {
            self.function.push(self.text(it.self_ty.span()));
            visit::visit_item_impl(self, it);
            self.function.pop();
        }
    }

    fn visit_impl_item(&mut self, it: &'ast syn::ImplItem) {
        if !matches!(it, syn::ImplItem::Const(_)) {
            visit::visit_impl_item(self, it);
        }
    }

    fn visit_impl_item_fn(&mut self, it: &'ast ImplItemFn) {
        if !is_test(&it.attrs) {
            self.body(&it.sig, &it.block);
        }
    }

    fn visit_trait_item_fn(&mut self, it: &'ast syn::TraitItemFn) {
        if let Some(block) = &it.default {
            self.body(&it.sig, block);
        }
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_path(&mut self, _: &'ast syn::Path) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_expr_repeat(&mut self, it: &'ast syn::ExprRepeat) {
        self.visit_expr(&it.expr);
    }

    fn visit_local(&mut self, it: &'ast syn::Local) {
        if let Some(init) = &it.init {
            self.visit_expr(&init.expr);
            if let Some((_, otherwise)) = &init.diverge {
                self.visit_expr(otherwise);
            }
        }
    }

    fn visit_stmt(&mut self, it: &'ast Stmt) {
        let Stmt::Expr(expression, Some(semicolon)) = it else { return visit::visit_stmt(self, it) };
        let ignored = matches!(
            expression,
            Expr::Call(_) | Expr::MethodCall(_) | Expr::Await(_) | Expr::Try(_) | Expr::Assign(_)
        );
        if !ignored {
            return visit::visit_stmt(self, it);
        }
        let text = self.text(expression.span());
        let mutant = self.mutant(expression.span(), &format!("`{text}` left out"));
        if let Some((id, of)) = mutant {
            self.open(of, range(expression).start, format!("if !{} {{ ", on(id)));
        }
        self.visit_expr(expression);
        if let Some((_, of)) = mutant {
            self.close(of, range(semicolon).end, " }");
        }
    }

    fn visit_expr_match(&mut self, it: &'ast ExprMatch) {
        self.visit_expr(&it.expr);
        // A name in capitals is a value, such as None; a small one takes everything.
        let takes_all = |arm: &Arm| {
            arm.guard.is_none()
                && match &arm.pat {
                    Pat::Wild(_) => true,
                    Pat::Ident(it) => it.ident.to_string().starts_with(|it: char| it.is_lowercase()),
                    _ => false,
                }
        };
        let last = it.arms.iter().rposition(takes_all);
        for (at, arm) in it.arms.iter().enumerate() {
            self.arm(arm, last.is_some_and(|last| at < last));
        }
    }

    fn visit_expr_if(&mut self, it: &'ast syn::ExprIf) {
        self.condition(&it.cond);
        self.visit_block(&it.then_branch);
        if let Some((_, otherwise)) = &it.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, it: &'ast syn::ExprWhile) {
        self.condition(&it.cond);
        self.visit_block(&it.body);
    }

    fn visit_expr(&mut self, it: &'ast Expr) {
        let span = it.span();
        match it {
            Expr::Binary(it) => self.binary(it),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let mutant = self.mutant(span, &format!("`{}` without !", self.text(span)));
                self.wrap(mutant, span, ("(ON ^ ", ")"), |weaver| weaver.visit_expr(&unary.expr));
            }
            Expr::MethodCall(call) if asks(&call.method.to_string()) => {
                let mutant = self.mutant(span, &format!("`{}` negated", self.text(span)));
                self.wrap(mutant, span, ("(ON ^ (", "))"), |weaver| {
                    visit::visit_expr_method_call(weaver, call);
                });
            }
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(_) | Lit::Float(_) => self.number(span),
                Lit::Bool(_) => {
                    let mutant = self.mutant(span, &format!("`{}` negated", self.text(span)));
                    self.wrap(mutant, span, ("(ON ^ ", ")"), |_| {});
                }
                _ => {}
            },
            Expr::Path(path) => {
                let name = path.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
                let shouts = name.len() > 1
                    && name.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_');
                if shouts {
                    self.number(span);
                }
            }
            _ => visit::visit_expr(self, it),
        }
    }
}
