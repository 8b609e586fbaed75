using System.Threading.Channels;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>What came in from the server, to be taken out one by one.</summary>
public sealed class Inbox<T>(string name, ScenarioContext context)
{
    private readonly Channel<T> _items = Channel.CreateUnbounded<T>();

    /// <summary>Called when something came.</summary>
    public void Add(T item) => _items.Writer.TryWrite(item);

    /// <summary>The next thing, as soon as it is there.</summary>
    public async Task<T> NextAsync()
    {
        context.Doing = $"waiting for {name}";
        var item = await _items.Reader.ReadAsync(context.Deadline);
        context.Doing = $"going on after {name}";
        return item;
    }

    /// <summary>The next thing that <paramref name="match"/> accepts; others are dropped.</summary>
    public async Task<T> NextAsync(Func<T, bool> match)
    {
        while (true)
        {
            var item = await NextAsync();
            if (match(item))
            {
                return item;
            }
        }
    }

    /// <summary>Fails when there is something that <paramref name="match"/> accepts.</summary>
    public void MustNotHave(Func<T, bool> match)
    {
        while (_items.Reader.TryRead(out var item))
        {
            Check.That(!match(item), $"the client must not have got {name}: {item}");
        }
    }
}
