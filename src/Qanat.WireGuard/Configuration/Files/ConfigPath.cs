using System.Text.RegularExpressions;

namespace Qanat.WireGuard.Configuration;

/// <summary>Where configuration files are, and the interfaces that they are named for, as wg-quick has it.</summary>
public static partial class ConfigPath
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Finds the file and the interface that an argument stands for.</summary>
    /// <param name="argument">An interface's name, for /etc/wireguard/NAME.conf, or a path that ends in <c>NAME.conf</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="name">The interface.</param>
    /// <returns>False when it is neither.</returns>
    public static bool TryResolve(string argument, out string path, out string name)
    {
        ArgumentNullException.ThrowIfNull(argument);
        path = IsInterfaceName(argument) ? $"/etc/wireguard/{argument}.conf" : argument;
        var file = Path.GetFileName(path);
        name = file.EndsWith(".conf", StringComparison.Ordinal) ? file[..^".conf".Length] : "";
        if (IsInterfaceName(name))
            return true;
        (path, name) = ("", "");
        return false;
    }

    /// <summary>True for the names that wg-quick takes: 1 to 15 letters, digits and <c>_=+.-</c>.</summary>
    public static bool IsInterfaceName(string name) => InterfaceName().IsMatch(name);

    /// <summary>True when anyone may get at a file's keys: others have a right to it that its folder gives them too.</summary>
    /// <param name="file">The file's mode.</param>
    /// <param name="folder">Its folder's.</param>
    public static bool IsWorldAccessible(UnixFileMode file, UnixFileMode folder) => (file & folder & Others) != 0;

    [GeneratedRegex(@"^[a-zA-Z0-9_=+.-]{1,15}\z", RegexOptions.CultureInvariant)]
    private static partial Regex InterfaceName();
}
