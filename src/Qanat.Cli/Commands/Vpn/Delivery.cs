using System.CommandLine;
using System.Text;
using Qanat.Linux.Storage;
using Qanat.Vpn;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>How a peer gets its file: on standard output, and as a QR code, on the terminal or in a file.</summary>
internal sealed class Delivery
{
    private readonly Option<bool> _terminal = new("--qr") { Description = "Show a QR code on the terminal, for the apps of phones" };

    private readonly Option<string?> _file = VpnWords.Read<string?>(
        "--qr-file", "X.svg|X.png", "Write the QR code to a file, its owner's only", QrPicture.FileName);

    /// <summary>Adds its options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_terminal);
        command.Options.Add(_file);
    }

    /// <summary>Prepares what is to be delivered.</summary>
    /// <exception cref="VpnException">It is too long for a QR code.</exception>
    /// <returns>Delivers it, whole or not at all as far as that can be.</returns>
    public Action Prepare(ParseResult parsed, VpnAdmission admission, Session session)
    {
        using var text = new SecretBuffer();
        VpnClientFile.Write(text, admission.Network, admission.Peer, admission.PrivateKey);
        var words = Encoding.UTF8.GetString(text.Written);
        var (toTerminal, path) = (parsed.GetValue(_terminal), parsed.GetValue(_file));
        var picture = toTerminal || path is not null ? QrPicture.Of(text.Written) : null;
        return () =>
        {
            if (path is not null)
                new DurableFile(Path.GetFullPath(path), "the QR code is", new StateFiles()).Write(picture!.ToFile(path));
            try
            {
                session.Out.Write(words);
                session.Out.Flush();
            }
            catch
            {
                if (path is not null)
                    Files.Delete(path);
                throw;
            }
            if (toTerminal)
                session.Error.Write(picture!.ToTerminal());
        };
    }
}
