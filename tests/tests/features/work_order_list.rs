//! Lists of work orders come by indexes, each another way. Whatever is asked, in pages they hold what a plain reading of
//! every row holds.

use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{
    Hand, change_status, create_work_order, new_document, new_record, new_work_order,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::Value;
use shared_model::features::work_order::Status;
use shared_model::features::{Command, work_order};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sqlx::PgConnection;
use sync_server::clock::Clock;
use sync_server::database::people;
use sync_server::database::tenant_transaction;
use sync_server::projection::verify;
use uuid::Uuid;

const SITES: [Uuid; 3] = [Uuid::from_u128(0xa), Uuid::from_u128(0xb), Uuid::from_u128(0xc)];

/// More rows than any search looks at before it decides how to go on. Every row has the words `wo` and its number; most
/// are old, `seal` and `pump` are frequent, `conveyor` only in old ones, `crane` and `tackle` in one of a thousand and only
/// once together.
const ROWS: &str = "
    insert into work_order (organization_id, work_order_id, number, title, description, status, priority, work_type,
        origin, assets, people, teams, tags, steps_answered, steps_total, labour_minutes, comments, parts_used,
        conflicts, anomalies, updated_at, scopes, search_text)
    select $1, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'WO-' || n, words, '',
        (array['closed', 'closed', 'verified', 'in_progress', 'closed', 'on_hold', 'cancelled'])[1 + n % 7], 'low',
        'corrective', 'manual', '{}', people, '{}', '{}', 0, 0, 0, 0, 0, '{}', '{}', now(),
        array['site:' || ($2::uuid[])[1 + n % 3]] || requester || array(select 'person:' || id from unnest(people) id),
        concat_ws(' ', 'wo', n, words)
    from generate_series(1, 3000) as series (n)
    cross join lateral (select
        case when n % 5 = 0 then $3::uuid[] when n % 11 = 0 then ($3::uuid[])[1:1] else '{}' end as people,
        case when n % 13 = 0 and n % 5 <> 0 then array['person:' || ($3::uuid[])[2]] else '{}' end as requester,
        concat_ws(' ', case when n % 2 = 0 then 'seal' end, case when n % 4 = 1 then 'pump' else 'motor' end,
            case when n < 900 and n % 50 = 3 then 'conveyor' end, case when n % 1000 = 300 then 'crane' end,
            case when n % 1000 = 301 or n = 1300 then 'tackle' end) as words) as made";

/// The whole list by reading every row, as nobody whom policies hold.
const PLAIN: &str = "
    select work_order_id from work_order
    where organization_id = $1 and ($2::text[] is null or scopes && $2) and ($3::text[] is null or status = any ($3))
      and ($4::uuid is null or $4 = any (people))
      and ($5::text is null or to_tsvector('simple', search_text) @@ to_tsquery('simple', $5))
      and ($6::uuid is null or work_order_id < $6)
    order by work_order_id desc limit $7";

struct Site {
    server: TestServer,
    organisation: OrganisationId,
    cleo: PersonId,
    sam: PersonId,
}

/// Ann sees everything, Cleo what is assigned to her or asked for by her, Sam two sites and what is his.
async fn site() -> Site {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let own = |email: &'static str| {
        create_limited_person(&server.database, organisation, email, Role::Contractor, GrantLimit::Own)
    };
    let (cleo, sam) = (own("cleo@demo.example").await, own("sam@demo.example").await);
    let at = |site: Uuid| RoleGrant {
        role: Role::Technician.into(),
        limit: GrantLimit::Site(DocumentId::from_uuid(site)),
    };
    let grants =
        [at(SITES[0]), at(SITES[1]), RoleGrant { role: Role::Contractor.into(), limit: GrantLimit::Own }];
    let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
    people::set_grants(&mut transaction, organisation, sam, &grants, Clock::System.now()).await.unwrap();
    transaction.commit().await.unwrap();
    Site { server, organisation, cleo, sam }
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    statuses: Option<&'static str>,
    person: Option<PersonId>,
    search: Option<&'static str>,
    after: Option<Uuid>,
}

impl Asked {
    fn path(&self, limit: usize) -> String {
        let parameter = |name: &str, value: Option<String>| {
            value.map(|value| format!("&{name}={}", value.replace(' ', "%20"))).unwrap_or_default()
        };
        [
            format!("/api/work-orders?limit={limit}"),
            parameter("status", self.statuses.map(str::to_owned)),
            parameter("person", self.person.map(|person| person.to_string())),
            parameter("search", self.search.map(str::to_owned)),
            parameter("after", self.after.map(|id| id.to_string())),
        ]
        .concat()
    }
}

fn ids(page: &Value) -> Vec<Uuid> {
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// The first pages, one after the other.
async fn pages(client: &mut Client, asked: Asked, limit: usize, most: usize) -> Vec<Uuid> {
    let mut all = Vec::new();
    let mut asked = asked;
    for _ in 0..most {
        let page = client.get(&asked.path(limit)).await.json();
        all.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => asked.after = Some(next.parse().unwrap()),
            None => break,
        }
    }
    all
}

async fn plain(
    database: &mut PgConnection,
    site: &Site,
    scopes: Option<&[String]>,
    asked: Asked,
    limit: usize,
) -> Vec<Uuid> {
    let words =
        |search: &str| search.split(' ').map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ");
    sqlx::query_scalar(PLAIN)
        .bind(site.organisation.as_uuid())
        .bind(scopes)
        .bind(asked.statuses.map(|codes| codes.split(',').map(str::to_owned).collect::<Vec<_>>()))
        .bind(asked.person.map(PersonId::as_uuid))
        .bind(asked.search.map(words))
        .bind(asked.after)
        .bind(i64::try_from(limit).unwrap())
        .fetch_all(database)
        .await
        .unwrap()
}

/// Every way to ask: by status, person and words, each or together.
fn ways(site: &Site) -> Vec<Asked> {
    let middle: Uuid = "01900000-0000-7000-8000-000000000400".parse().unwrap();
    let mut ways = Vec::new();
    for statuses in [None, Some("in_progress,on_hold"), Some("closed,closed,new"), Some("completed")] {
        for person in [None, Some(site.cleo), Some(site.sam)] {
            for search in [
                None,
                Some("wo"),
                Some("wo 17"),
                Some("wo 1234"),
                Some("pump"),
                Some("seal pump"),
                Some("conv"),
                Some("crane tackle"),
                Some("motor cra"),
                Some("nothing"),
            ] {
                for after in [None, Some(middle)] {
                    ways.push(Asked { statuses, person, search, after });
                }
            }
        }
    }
    ways
}

#[tokio::test]
async fn a_list_is_what_a_plain_reading_of_every_row_is() {
    let site = site().await;
    let mut database = site.server.database.superuser().await;
    let made = sqlx::query(ROWS)
        .bind(site.organisation.as_uuid())
        .bind(SITES)
        .bind([site.cleo.as_uuid(), site.sam.as_uuid()])
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(made.rows_affected(), 3_000);
    let person = |id: PersonId| format!("person:{id}");
    let sams = vec![format!("site:{}", SITES[0]), format!("site:{}", SITES[1]), person(site.sam)];
    for (email, scopes) in [
        ("ann@demo.example", None),
        ("cleo@demo.example", Some(vec![person(site.cleo)])),
        ("sam@demo.example", Some(sams)),
    ] {
        let mut client = site.server.sign_in("demo", email).await;
        let mut found = 0;
        for asked in ways(&site) {
            let expected = plain(&mut database, &site, scopes.as_deref(), asked, 60).await;
            assert_eq!(pages(&mut client, asked, 20, 3).await, expected, "{email}: {asked:?}");
            found += usize::from(!expected.is_empty());
        }
        assert!(found > 50, "{email} finds something {found} times");
    }
}

#[tokio::test]
async fn a_list_within_scopes_goes_on_to_its_end_without_anything_twice() {
    let site = site().await;
    let mut database = site.server.database.superuser().await;
    let filled = sqlx::query(ROWS)
        .bind(site.organisation.as_uuid())
        .bind(SITES)
        .bind([site.cleo.as_uuid(), site.sam.as_uuid()]);
    filled.execute(&mut database).await.unwrap();
    let mut client = site.server.sign_in("demo", "sam@demo.example").await;
    let scopes = [format!("site:{}", SITES[0]), format!("site:{}", SITES[1]), format!("person:{}", site.sam)];
    for search in [None, Some("seal")] {
        let asked = Asked { statuses: None, person: None, search, after: None };
        let expected = plain(&mut database, &site, Some(&scopes), asked, 3_000).await;
        assert!(expected.len() > 1_000);
        assert_eq!(pages(&mut client, asked, 333, 10).await, expected, "{search:?}");
    }
}

#[tokio::test]
async fn a_list_follows_whoever_writes_the_work_order() {
    let site = site().await;
    let node = &site.server.state.sync;
    let mut ann = Hand::sign_in(&site.server, "demo", "ann@demo.example").await;
    let (ours, other) = (new_document(), new_document());
    let mut new = new_work_order(ours, "Paint the fence");
    new.people = vec![site.cleo];
    new.assigned_event = Some(new_record());
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    ann.act(node, &create_work_order(other, "Nobody's")).await;
    let mut cleo = site.server.sign_in("demo", "cleo@demo.example").await;
    let mut sam = site.server.sign_in("demo", "sam@demo.example").await;
    let mine =
        |status: &'static str| Asked { statuses: Some(status), person: None, search: None, after: None };
    assert_eq!(pages(&mut cleo, mine("assigned"), 9, 1).await, [ours.as_uuid()]);

    ann.act(node, &change_status(ours, Status::InProgress)).await;
    assert!(pages(&mut cleo, mine("assigned"), 9, 1).await.is_empty());
    assert_eq!(pages(&mut cleo, mine("in_progress"), 9, 1).await, [ours.as_uuid()]);

    let passed_on = work_order::Command::Assign {
        id: ours,
        add_people: vec![site.sam],
        remove_people: vec![site.cleo],
        add_teams: Vec::new(),
        remove_teams: Vec::new(),
        event: new_record(),
    };
    ann.act(node, &Command::WorkOrder(passed_on)).await;
    assert!(pages(&mut cleo, mine("in_progress"), 9, 1).await.is_empty());
    assert_eq!(pages(&mut sam, mine("in_progress"), 9, 1).await, [ours.as_uuid()]);
    assert_eq!(verify(&site.server.state.pool, site.organisation, |_| {}).await.unwrap(), []);

    // A server of before writes the row alone; the list knows all the same.
    let mut database = site.server.database.superuser().await;
    let written = "update work_order set scopes = scopes || ('person:' || $2), status = 'on_hold' where work_order_id = $1";
    sqlx::query(written)
        .bind(ours.as_uuid())
        .bind(site.cleo.to_string())
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(pages(&mut cleo, mine("on_hold"), 9, 1).await, [ours.as_uuid()]);
    assert!(pages(&mut sam, mine("in_progress"), 9, 1).await.is_empty());
}

/// The planner thinks that a page of a long list is dear, and would compile it each time for many times what it takes.
#[tokio::test]
async fn no_connection_compiles_what_it_is_asked() {
    let server = TestServer::start().await;
    let jit: String = sqlx::query_scalar("show jit").fetch_one(&server.state.pool).await.unwrap();
    assert_eq!(jit, "off");
}
