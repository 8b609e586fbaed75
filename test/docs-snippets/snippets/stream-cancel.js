// A stream from the hub that nobody wants any more.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
await connection.start();

const subscription = connection.stream("Counter", 1000000, 1).subscribe({
  next: async (item) => {
    if (item === 2) {
      subscription.dispose();
      while ((await connection.invoke("CancelledStreams")) === 0);
      console.log("Cancelled on the server");
    }
  },
  complete: () => {},
  error: (err) => {
    console.log(err);
  },
});
