// What the stories need of the demo organisation: an open work order, a part in stock.

const DEMO = "(select organization_id from organisation where slug = 'demo')";

/** An assigned work order of tech1 with a checklist nobody has begun. */
export async function assignedWorkOrder(server) {
  const [[id, number, title]] = await server.sql(`
    select work_order_id, number, title from work_order
    join person on person.person_id = any (work_order.people)
    where work_order.organization_id = ${DEMO} and person.email = 'tech1@demo.example'
      and status = 'assigned' and steps_total >= 4 and steps_answered = 0 and priority = 'high'
    order by due, number limit 1`);
  return { id, number, title };
}

/** An open work order of one person that another may not see. */
export async function ownOrder(server, email, other) {
  const [[id, title]] = await server.sql(`
    select work_order_id, title from work_order
    where status = 'assigned' and (select person_id from person where email = '${email}') = any (people)
      and not (select person_id from person where email = '${other}') = any (people)
    order by number limit 1`);
  return { id, title };
}

/** A part of which a storeroom has plenty. */
export async function partInStock(server) {
  const [[id, number]] = await server.sql(`
    select part.part_id, part.number from part
    join stock_balance using (organization_id, part_id)
    where part.organization_id = ${DEMO}
    group by 1, 2 having min(quantity_thousandths) >= 5000 order by part.number limit 1`);
  return { id, number };
}

/** One row of a table of the demo organisation, or several: `rows(server, 'comment', 'text', "doc_id = '…'")`. */
export async function rows(server, table, columns, where) {
  return server.sql(`select ${columns} from ${table} where organization_id = ${DEMO} and ${where}`);
}

/** Where the feed of the demo organisation stands. */
export async function feedHead(server) {
  const [[head]] = await server.sql(`select head from tenant_feed where organization_id = ${DEMO}`);
  return Number(head);
}
