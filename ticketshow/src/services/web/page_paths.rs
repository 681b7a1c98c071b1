//! Paths of the pages of the web app.

/// Pages of the app, as in `web/src/routes.tsx`; `*` is an id.
const PAGES: [&str; 45] = [
    "/",
    "/search",
    "/shows",
    "/shows/*",
    "/venues",
    "/venues/*",
    "/screenings/*",
    "/checkout/*",
    "/payments/return",
    "/bookings",
    "/bookings/*",
    "/bookings/*/move",
    "/shared",
    "/wallet",
    "/profile",
    "/sign-in",
    "/forgotten",
    "/verify",
    "/reset",
    "/reminders",
    "/check-in",
    "/admin",
    "/admin/box-office",
    "/admin/desk",
    "/admin/desk/*",
    "/admin/desk/*/move",
    "/admin/screenings/*",
    "/admin/shows",
    "/admin/shows/*",
    "/admin/venues",
    "/admin/venues/*",
    "/admin/screens/*",
    "/admin/venues/*/screens/new",
    "/admin/schedule",
    "/admin/cascades",
    "/admin/cascades/*",
    "/admin/money",
    "/admin/promotions",
    "/admin/mails",
    "/admin/people",
    "/admin/people/*",
    "/admin/audit",
    "/admin/system",
    "/admin/history",
    "/admin/time-travel/*",
];

/// Returns `true` if a path is that of a page.
pub(super) fn is_page(path: &str) -> bool {
    PAGES.iter().any(|page| is_at(page, path))
}

/// Returns true if a path is one of a page; `*` in the page stands for one part.
fn is_at(page: &str, path: &str) -> bool {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let (mut wanted, mut given) = (page.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(part)) if !part.is_empty() => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            (Some(_) | None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_app_is_a_page() {
        let routes = include_str!("../../../../web/src/routes.tsx");
        let (top, admin) = routes.split_once("path: 'admin'").unwrap();
        let (admin, _) = admin.split_once("page('*'").unwrap();
        for (routes, base) in [(top, ""), (admin, "/admin")] {
            for route in routes.split("page('").skip(1).filter_map(|rest| rest.split('\'').next()) {
                let page = format!("{base}/{}", route.replace(":id", "*"));
                assert!(PAGES.contains(&page.as_str()), "{page}");
            }
        }
    }
}
