namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>
/// Lets packets be passed on that come in by some devices, and by those alone. IPv4 asks the device that a packet comes in by;
/// IPv6 asks one setting for all devices, and since Linux 6.17 <c>force_forwarding</c> of the device. What is turned on is
/// remembered before, and put back unless somebody else has changed it since. What several hubs need each of them remembers, and
/// the last puts it back. Whoever calls it is in the network namespace.
/// </summary>
/// <remarks>
/// Source: Documentation/networking/ip-sysctl.rst; net/ipv4/route.c, ip_route_input_slow; net/ipv6/ip6_output.c, ip6_forward;
/// net/ipv6/addrconf.c, addrconf_fixup_forwarding.
/// </remarks>
/// <param name="sysctls">The kernel's settings.</param>
/// <param name="record">Where they are remembered.</param>
internal sealed class PacketForwarding(Sysctls sysctls, ForwardingRecord record)
{
    private const string IPv6ForAll = "net/ipv6/conf/all/forwarding";

    private readonly List<ForwardingSetting> _changed = [];

    /// <summary>
    /// What has to be on, and is not but for us. Nothing is changed yet, so that the firewall can close first what will be open.
    /// </summary>
    /// <param name="ipv4">The devices by which IPv4 packets come that are to be passed on.</param>
    /// <param name="ipv6">As <paramref name="ipv4"/>, of IPv6.</param>
    public IReadOnlyList<ForwardingSetting> Find(IEnumerable<string> ipv4, IEnumerable<string> ipv6)
    {
        // As they were found the first time, with what was before: by us, or by another hub.
        List<ForwardingSetting> known = [.. _changed, .. record.OfOthers().Where(setting => IsOn(setting) && IsUntouched(setting))];
        List<ForwardingSetting> wanted = [.. ipv4.Select(IPv4Of)];
        if (sysctls.Read(IPv6ForAll) is { } all && (all == ForwardingSetting.Off || known.Exists(setting => setting.Path == IPv6ForAll)))
            wanted.AddRange(ipv6.Select(IPv6Of).Distinct());
        return [.. wanted.Select(setting => known.Find(one => one.Path == setting.Path) ?? setting)
            .Where(setting => known.Contains(setting) ? IsUntouched(setting) : sysctls.Read(setting.Path) == ForwardingSetting.Off)];
    }

    /// <summary>Turns those on that <see cref="Find"/> found, and puts back what was turned on before and is not among them.</summary>
    /// <exception cref="IOException">They cannot be remembered, or the kernel refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The settings may not be changed.</exception>
    public void Turn(IReadOnlyList<ForwardingSetting> wanted)
    {
        ForwardingSetting[] over = [.. _changed.Except(wanted)], more = [.. wanted.Except(_changed)];
        if (over.Length + more.Length == 0)
            return;
        _changed.AddRange(more);
        record.Write(_changed);
        foreach (var setting in more.Where(setting => !IsOn(setting)))
            Set(setting, ForwardingSetting.On);
        PutBack(over);
    }

    /// <summary>Puts everything back, also what a process has left that was killed.</summary>
    /// <exception cref="IOException">The record cannot be read, or the kernel refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The settings may not be changed.</exception>
    public void PutBack()
    {
        PutBack([.. record.Read().Concat(_changed).Distinct().Reverse()]);
    }

    private void PutBack(IReadOnlyList<ForwardingSetting> settings)
    {
        TurnOff(settings);
        _changed.RemoveAll(settings.Contains);
        record.Write(_changed);
        TurnOff(settings); // what another hub left to us, while we left it to that one
    }

    // Who has turned it on or off since, for one device or for all, meant it; and another hub may need it.
    private void TurnOff(IReadOnlyList<ForwardingSetting> settings)
    {
        var others = record.OfOthers();
        foreach (var setting in settings)
            if (IsOn(setting) && IsUntouched(setting) && others.All(other => other.Path != setting.Path))
                Set(setting, ForwardingSetting.Off);
    }

    private ForwardingSetting IPv4Of(string device)
    {
        const string everyone = "net/ipv4/conf/all/forwarding";
        return new($"net/ipv4/conf/{device}/forwarding", false, device, everyone, sysctls.Read(everyone));
    }

    private ForwardingSetting IPv6Of(string device)
    {
        const string everyone = "net/ipv6/conf/all/force_forwarding";
        return sysctls.Read(everyone) is { } before
            ? new($"net/ipv6/conf/{device}/force_forwarding", true, device, everyone, before)
            : new(IPv6ForAll, true, null, null, null);
    }

    private bool IsOn(ForwardingSetting setting) => sysctls.Read(setting.Path) == ForwardingSetting.On;

    private bool IsUntouched(ForwardingSetting setting) =>
        setting.Everyone is not { } everyone || sysctls.Read(everyone) == setting.EveryoneBefore;

    private void Set(ForwardingSetting setting, string value)
    {
        if (setting.Path == IPv6ForAll)
            SetForAll(value);
        else
            sysctls.Write(setting.Path, value);
    }

    // The one for all makes a router of every device, which hears no router any more and forgets the way it had from one. Only
    // passing packets on is wanted: devices stay what they are, and what they have heard holds (accept_ra 2) until they are again.
    private void SetForAll(string value)
    {
        const string devices = "net/ipv6/conf";
        string[] own = [.. sysctls.Names(devices).Where(name => name != "all").Select(name => $"{devices}/{name}/forwarding")];
        string[] listening =
            [.. sysctls.Names(devices).Select(name => $"{devices}/{name}/accept_ra").Where(path => sysctls.Read(path) == "1")];
        var before = own.Select(sysctls.Read).ToArray();
        foreach (var path in listening)
            sysctls.Write(path, "2");
        sysctls.Write(IPv6ForAll, value);
        foreach (var (path, was) in own.Zip(before))
            if (was is not null && was != sysctls.Read(path))
                sysctls.Write(path, was);
        foreach (var path in listening)
            sysctls.Write(path, "1");
    }
}
