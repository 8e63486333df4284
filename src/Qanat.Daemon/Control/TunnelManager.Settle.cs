using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>Checking what was asked for against what there is, before anything is done: removals, then changes, then additions.</summary>
internal sealed partial class TunnelManager
{
    // What can be done, and the fallback devices that come with it.
    private List<TunnelWork> Settle(IReadOnlyList<TunnelWork> works)
    {
        var (claims, names, touched) = (new KeyClaims(_tunnels), new TunnelNames(_devices), new HashSet<int>());
        foreach (var removal in works.OfType<Removal>())
            Try(removal, () => Settle(removal, claims, names, touched));
        foreach (var alteration in works.OfType<Alteration>())
            Try(alteration, () => Settle(alteration, claims, touched));

        var settled = new List<TunnelWork>(works.Where(work => work is not Addition && work.IsSound));
        var fallbacks = new HashSet<string>();
        foreach (var addition in works.OfType<Addition>())
        {
            Try(addition, () => Settle(addition, claims, names));
            if (!addition.IsSound)
                continue;
            if (FallbackFor(addition.Tunnel!.Parameters.Mode, fallbacks) is { } fallback)
            {
                Try(fallback, () => Settle(fallback, claims, names));
                if (!fallback.IsSound)
                    _log.Write($"{fallback.Spec.Name}: {fallback.Fault!.Message}");
                settled.Add(fallback);
            }
            settled.Add(addition);
        }
        settled.RemoveAll(work => !work.IsSound);
        return settled;
    }

    private void Settle(Removal removal, KeyClaims claims, TunnelNames names, HashSet<int> touched)
    {
        if (ModeFacts.IsFallback(removal.Name) && !removal.IsFallback)
            throw new LinuxException("delete tunnel", Errno.EPERM, "the fallback device stays");
        var kept = Find("delete tunnel", removal.Name, out _);
        if (kept.IsFallback)
            throw new LinuxException("delete tunnel", Errno.EPERM, "the fallback device stays");
        if (!touched.Add(kept.Index))
            throw new LinuxException("delete tunnel", Errno.ENODEV, $"\"{removal.Name}\" is named twice");
        removal.Tunnel = kept;
        claims.Free(TunnelKey.Of(kept.Parameters));
        names.Free(removal.Name);
    }

    private void Settle(Alteration alteration, KeyClaims claims, HashSet<int> touched)
    {
        var kept = Find("change tunnel", alteration.Name, out var device);
        if (!touched.Add(kept.Index))
            throw new LinuxException("change tunnel", Errno.EINVAL, $"\"{alteration.Name}\" is named twice");
        var wanted = alteration.Wanted(kept);
        if (ModeFacts.Of(wanted.Mode).Table == TunnelTableKind.Sit && ModeFacts.Of(kept.Parameters.Mode).Table == TunnelTableKind.Sit)
            wanted = wanted with { Mode = kept.Parameters.Mode }; // as ip tunnel change does: isatap is for life
        TunnelRules.CheckChange(kept, wanted, claims);
        if (kept.IsFallback && ModeFacts.Of(wanted.Mode).OverIPv6 == true)
            wanted = kept.Parameters with { Mode = wanted.Mode }; // all that the kernel changes of it (ip6_tunnel.c: ip6_tnl0_update)
        claims.Free(TunnelKey.Of(kept.Parameters));
        claims.Claim(TunnelKey.Of(wanted));
        alteration.Before = kept;
        alteration.MtuBefore = device.Mtu;
        alteration.Mtu = TunnelMtu.ForChange(kept.Parameters, wanted, device.Mtu, _devices);
        alteration.Tunnel = kept with { Parameters = wanted };
    }

    private void Settle(Addition addition, KeyClaims claims, TunnelNames names)
    {
        var parameters = Read("add tunnel", addition.Spec);
        if (addition.IsFallback)
            parameters = parameters with { PathMtuDiscovery = false }; // whatever its TTL
        else
            TunnelRules.CheckAdd(parameters, claims);
        var name = names.Choose(addition.Spec.Name, parameters.Mode, addition.IsFallback);
        claims.Claim(TunnelKey.Of(parameters));
        addition.Mtu = TunnelMtu.For(parameters, _devices);
        addition.Tunnel = new(0, name, parameters, Running: null, addition.IsFallback);
    }

    private Addition? FallbackFor(TunnelMode mode, HashSet<string> coming)
    {
        if (!_withFallbacks || Fallbacks.Of(mode) is not { } spec || !coming.Add(spec.Name))
            return null;
        var parameters = TunnelSpecs.Parse("add tunnel", spec);
        return _plane.Carries(parameters.Mode) && !_tunnels.Has(TunnelKey.Of(parameters)) ? new(spec) { IsFallback = true } : null;
    }
}
