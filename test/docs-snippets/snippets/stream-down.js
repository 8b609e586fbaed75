// A stream from the hub.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
await connection.start();

connection.stream("Counter", 3, 1).subscribe({
  next: (item) => {
    console.log(item);
  },
  complete: () => {
    console.log("Stream completed");
  },
  error: (err) => {
    console.log(err);
  },
});
