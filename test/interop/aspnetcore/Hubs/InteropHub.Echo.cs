using System.Text.Json;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>A postal address inside a <see cref="Person"/>.</summary>
public sealed record Address(string Street, string? City);

/// <summary>An object of every kind of member that JSON carries.</summary>
public sealed record Person(
    string Name,
    int Age,
    bool Active,
    Address? Home,
    string[] Tags,
    Dictionary<string, double> Scores,
    DateTimeOffset Born,
    Guid Id,
    byte[]? Photo,
    List<Person> Friends);

/// <summary>How the server read an argument.</summary>
/// <param name="Kind">The JSON kind: Null, True, False, Number, String, Array, Object.</param>
/// <param name="Json">The JSON text as it arrived.</param>
public sealed record SeenValue(string Kind, string Json);

// Values there and back, by JSON type and by .NET type.
public partial class InteropHub
{
    private const string NotesKey = "notes";

    /// <summary>Any JSON value, unchanged.</summary>
    public object? Echo(object? value) => value;

    /// <summary>Each argument as the server read it.</summary>
    public SeenValue[] Describe(JsonElement first, JsonElement second, JsonElement third) =>
        [.. new[] { first, second, third }.Select(one => new SeenValue(one.ValueKind.ToString(), one.GetRawText()))];

    /// <summary>Four arguments of different types, as an array.</summary>
    public object?[] EchoMany(string? text, double number, bool flag, string[] list) => [text, number, flag, list];

    /// <summary>A boolean.</summary>
    public bool EchoBool(bool value) => value;

    /// <summary>A 32-bit integer.</summary>
    public int EchoInt(int value) => value;

    /// <summary>A 64-bit integer.</summary>
    public long EchoLong(long value) => value;

    /// <summary>A double.</summary>
    public double EchoDouble(double value) => value;

    /// <summary>A decimal.</summary>
    public decimal EchoDecimal(decimal value) => value;

    /// <summary>An integer or null.</summary>
    public int? EchoNullableInt(int? value) => value;

    /// <summary>A string or null.</summary>
    public string? EchoString(string? value) => value;

    /// <summary>The length of a string in UTF-16 units, as the server got it.</summary>
    public int LengthOf(string value) => value.Length;

    /// <summary>A string of <paramref name="times"/> copies, for large answers.</summary>
    public string Repeat(string value, int times) => string.Concat(Enumerable.Repeat(value, times));

    /// <summary>A point in time with its offset.</summary>
    public DateTimeOffset EchoDate(DateTimeOffset value) => value;

    /// <summary>A point in time, always answered in UTC.</summary>
    public DateTime EchoUtcDate(DateTime value) => value.ToUniversalTime();

    /// <summary>Bytes: base64 in JSON.</summary>
    public byte[] EchoBytes(byte[] value) => value;

    /// <summary>The sum of the bytes, to show that the server decoded them.</summary>
    public int SumBytes(byte[] value) => value.Sum(one => one);

    /// <summary>A GUID.</summary>
    public Guid EchoGuid(Guid value) => value;

    /// <summary>An enum: a number in JSON.</summary>
    public DayOfWeek EchoEnum(DayOfWeek value) => value;

    /// <summary>An array of integers.</summary>
    public int[] EchoInts(int[] value) => value;

    /// <summary>An object used as a map.</summary>
    public Dictionary<string, string?> EchoMap(Dictionary<string, string?> value) => value;

    /// <summary>A nested object; the answer's member names are camel-cased.</summary>
    public Person EchoPerson(Person value) => value;

    /// <summary>The sum of two integers.</summary>
    public int Add(int left, int right) => left + right;

    /// <summary>Returns nothing, synchronously.</summary>
    public void Nothing()
    {
    }

    /// <summary>Remembers a text for this connection; returns nothing, made for calls that await no answer.</summary>
    public void Note(string text)
    {
        var notes = NotesOfConnection();
        lock (notes)
        {
            notes.Add(text);
        }
    }

    /// <summary>The texts given to <see cref="Note"/> on this connection, in order.</summary>
    public string[] Notes()
    {
        var notes = NotesOfConnection();
        lock (notes)
        {
            return [.. notes];
        }
    }

    private List<string> NotesOfConnection()
    {
        lock (Context.Items)
        {
            if (Context.Items.TryGetValue(NotesKey, out var found) && found is List<string> notes)
            {
                return notes;
            }

            var created = new List<string>();
            Context.Items[NotesKey] = created;
            return created;
        }
    }
}
