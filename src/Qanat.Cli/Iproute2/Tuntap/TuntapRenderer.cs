using System.Globalization;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Tuntap;

/// <summary>Devices as <c>show</c> prints them.</summary>
/// <param name="output">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="palette">Colours.</param>
internal sealed class TuntapRenderer(TextWriter output, GlobalOptions options, Palette palette)
{
    private readonly string _lineEnd = options.Oneline ? "\\" : "\n";

    /// <summary>Prints a list, as JSON where the options say so.</summary>
    /// <param name="devices">The TUN and TAP devices.</param>
    /// <param name="holders">Who has them open; shown with <c>-details</c>.</param>
    public void List(IEnumerable<Link> devices, IReadOnlyList<TunHolder> holders)
    {
        var json = new JsonPrinter(output, options.Pretty);
        if (options.Json)
            json.BeginArray();
        foreach (var device in devices)
        {
            var flags = new TuntapFlags(device, ReadFlags(device)).Names();
            var own = holders.Where(holder => holder.Device == device.Name);
            if (options.Json)
                Object(json, device, flags, own);
            else
                Line(device, flags, own);
        }
        if (!options.Json)
            return;
        json.EndArray();
        output.Write('\n');
    }

    // /sys shows the devices of the namespace that it was mounted in, which -netns leaves.
    private uint? ReadFlags(Link device)
    {
        var folder = $"/sys/class/net/{device.Name}";
        return options.NetworkNamespace is null && Read("ifindex") == device.Index.ToString(CultureInfo.InvariantCulture) &&
            Read("tun_flags") is ['0', 'x', .. var digits] && uint.TryParse(digits, NumberStyles.HexNumber, null, out var flags)
                ? flags
                : null;

        string? Read(string file)
        {
            try
            {
                return File.ReadAllText($"{folder}/{file}").TrimEnd();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    private void Line(Link device, IEnumerable<string> flags, IEnumerable<TunHolder> holders)
    {
        output.Write(palette.Device($"{device.Name}:"));
        foreach (var flag in flags)
            output.Write($" {flag}");
        if (device.Tun?.Owner is { } user)
            output.Write($" user {user}");
        if (device.Tun?.Group is { } group)
            output.Write($" group {group}");
        if (options.Details)
        {
            output.Write($"{_lineEnd}\tAttached to processes:");
            foreach (var holder in holders)
                output.Write($"{holder.Program}({holder.ProcessId})");
        }
        output.Write('\n');
    }

    // Where ip prints the members of processes without their braces, which no reader of JSON takes, they have them here.
    private void Object(JsonPrinter json, Link device, IEnumerable<string> flags, IEnumerable<TunHolder> holders)
    {
        json.BeginObject();
        json.String("ifname", device.Name);
        json.BeginArray("flags");
        foreach (var flag in flags)
            json.Element(flag);
        json.EndArray();
        if (device.Tun?.Owner is { } user)
            json.Number("user", user);
        if (device.Tun?.Group is { } group)
            json.Number("group", group);
        if (options.Details)
        {
            json.BeginArray("processes");
            foreach (var holder in holders)
            {
                json.BeginObject();
                json.String("name", holder.Program);
                json.Number("pid", holder.ProcessId);
                json.EndObject();
            }
            json.EndArray();
        }
        json.EndObject();
    }
}
