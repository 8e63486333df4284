using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>Differences for programs: <c>{"changes": [...], "applied": true, "refused": []}</c>.</summary>
internal static class ChangeJson
{
    /// <summary>The text.</summary>
    /// <param name="changes">What differed.</param>
    /// <param name="applied">Whether it was to be done.</param>
    /// <param name="refused">What was refused.</param>
    public static string Text(IReadOnlyList<Change> changes, bool applied, IReadOnlyList<string> refused)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteStartArray("changes");
            foreach (var change in changes)
                Write(json, change);
            json.WriteEndArray();
            json.WriteBoolean("applied", applied);
            json.WriteStartArray("refused");
            foreach (var refusal in refused)
                json.WriteStringValue(refusal);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private static void Write(Utf8JsonWriter json, Change change)
    {
        json.WriteStartObject();
        json.WriteString("action", change.Action.ToString().ToLowerInvariant());
        switch (change)
        {
            case SettingChange setting:
                Write(json, setting.Word, null, setting.Thing);
                if (setting.Values.Count > 0)
                    WriteValues(json, setting.Values);
                break;
            case TunnelChange tunnel:
                Write(json, "tunnel", tunnel.Device, tunnel.Action == ChangeAction.Add ? DocumentWriter.Write(tunnel.Tunnel) : null);
                if (tunnel.Values.Count > 0)
                    WriteValues(json, tunnel.Values);
                break;
            case AddressChange address:
                Write(json, "address", address.Device, AddressKeys.Write(address.Address));
                break;
            case RouteChange route:
                Write(json, "route", route.Device, RouteKeys.Write(route.Route));
                break;
            case ForwardingChange forwarding:
                Write(json, "fdb", forwarding.Device, ForwardingKeys.Write(forwarding.Entry));
                break;
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string kind, string? device, YamlNode? thing)
    {
        json.WriteString("object", kind);
        if (device is not null)
            json.WriteString("device", device);
        if (thing is null)
            return;
        json.WritePropertyName(kind);
        YamlWriter.WriteJson(json, thing);
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<ValueChange> values)
    {
        json.WriteStartArray("values");
        foreach (var value in values)
        {
            json.WriteStartObject();
            json.WriteString("key", value.Key);
            Write("old", value.Old);
            Write("new", value.New);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Write(string name, YamlNode? node)
        {
            json.WritePropertyName(name);
            if (node is null)
                json.WriteNullValue();
            else
                YamlWriter.WriteJson(json, node);
        }
    }
}
