using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Encodings.Web;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Vpn.Storage;

/// <summary>A network's audit log: a line of JSON for each thing that happened, in a file that only grows.</summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditLog(string path, TimeProvider time)
{
    private readonly AppendFile _file = new(path, "the audit log is");

    /// <summary>Adds lines, all or none. Whoever calls this holds the directory's lock.</summary>
    /// <exception cref="LinuxException">They cannot be written.</exception>
    public void Append(IReadOnlyList<AuditEntry> entries)
    {
        if (entries.Count == 0)
            return;
        using var lines = new MemoryStream();
        foreach (var entry in entries)
        {
            JsonSerializer.Serialize(lines, entry with { Time = entry.Time ?? time.GetUtcNow() }, AuditJson.Readable.AuditEntry);
            lines.WriteByte((byte)'\n');
        }
        _file.Append(lines.GetBuffer().AsSpan(0, (int)lines.Length));
    }
}

/// <summary>JSON of the audit log, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>As people read it, on no page of HTML.</summary>
    public static AuditJson Readable { get; } =
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
