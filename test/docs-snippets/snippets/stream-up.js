// A stream to the hub.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
await connection.start();

const subject = new signalR.Subject();
const sent = connection.invoke("NoteAll", subject);
let iteration = 0;
const intervalHandle = setInterval(() => {
  iteration++;
  subject.next(iteration.toString());
  if (iteration === 3) {
    clearInterval(intervalHandle);
    subject.complete();
  }
}, 5);

await sent;
console.log(await connection.invoke("Notes"));
