using System.Security.Cryptography;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// Reads what a client of the configuration protocol sends (wireguard.com/xplatform), however it is cut into pieces: one
/// operation after the other, <c>get=1</c> and <c>set=1</c>, each ended by a blank line, and Qanat's own, <c>qanat_report=1</c> and
/// <c>qanat_events=1</c>, which <c>wg</c> never sends. Total on any bytes, and bounded. A mistake is told at once; what is left of
/// its request, up to the blank line, is then passed over.
/// </summary>
public sealed class UapiReader : IDisposable
{
    // Lines that mean something are shorter; wireguard-go takes those up to its scanner's limit to be wrong, and gives up on others.
    private const int LongestLine = 512, ScannerLimit = 64 * 1024;

    private readonly byte[] _line = GC.AllocateArray<byte>(LongestLine, pinned: true);
    private int _length;
    private bool _hasEquals;
    private State _state;
    private UapiChangeBuilder? _change;
    private UapiOperation _question = new UapiOperation.Query();

    private enum State
    {
        Operation,
        Question,
        Set,
        PassingOver,
        Closed,
    }

    /// <summary>Reads on.</summary>
    /// <param name="input">What has come; afterwards what is left of it. Wiping it is the caller's business.</param>
    /// <returns>The next operation, or null when all of the input is used up.</returns>
    public UapiOperation? Read(ref ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            if (_state == State.Closed)
            {
                input = [];
                break;
            }
            if (_state == State.Question)
                return EndQuestion(ref input);
            var end = input.IndexOf((byte)'\n');
            Append(end < 0 ? input : input[..end]);
            input = end < 0 ? [] : input[(end + 1)..];
            var operation = _length == ScannerLimit ? TooLong() : null;
            if (end >= 0)
                operation = EndLine() ?? operation;
            if (operation is not null)
                return operation;
        }
        return null;
    }

    /// <summary>The client has sent its last. A change that ends with a whole line ends so; one cut within a line is refused.</summary>
    /// <returns>The last operation, or null.</returns>
    public UapiOperation? Complete()
    {
        UapiOperation? operation = _state switch
        {
            State.Set when _length == 0 => EndSet(),
            State.Set => Refuse(UapiErrors.Protocol, "the request ends within a line"),
            _ => null,
        };
        Dispose();
        return operation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _change?.Dispose();
        _change = null;
        ClearLine();
        _state = State.Closed;
    }

    private UapiOperation EndQuestion(ref ReadOnlySpan<byte> input)
    {
        if (input[0] != '\n')
            return Refuse(UapiErrors.Invalid, "a question is followed by a line that is not blank");
        input = input[1..];
        _state = State.Operation;
        return _question;
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (_length < LongestLine)
            part[..Math.Min(part.Length, LongestLine - _length)].CopyTo(_line.AsSpan(_length));
        _length = Math.Min(_length + part.Length, ScannerLimit);
        _hasEquals |= part.Contains((byte)'=');
    }

    private UapiOperation? TooLong() => _state switch
    {
        State.Operation => HangUp(),
        State.Set => Refuse(UapiErrors.Io, $"a line is longer than {ScannerLimit / 1024} KiB"),
        _ => null,
    };

    private UapiOperation? EndLine()
    {
        var line = _line.AsSpan(0, Math.Min(_length, LongestLine));
        var operation = _state switch
        {
            State.Operation => Begin(line),
            State.Set => Line(line),
            _ => null,
        };
        if (_state == State.PassingOver && line is [] or [(byte)'\r'])
            _state = State.Operation;
        ClearLine();
        return operation;
    }

    private UapiOperation.HangUp? Begin(ReadOnlySpan<byte> line)
    {
        switch (line)
        {
            case var _ when line.SequenceEqual("set=1"u8):
                (_state, _change) = (State.Set, new());
                return null;
            case var _ when line.SequenceEqual("get=1"u8):
                return Ask(new UapiOperation.Query());
            case var _ when line.SequenceEqual("qanat_report=1"u8):
                return Ask(new UapiOperation.Report());
            case var _ when line.SequenceEqual("qanat_events=1"u8):
                return Ask(new UapiOperation.Listen());
            default:
                return HangUp();
        }
    }

    private UapiOperation.HangUp? Ask(UapiOperation question)
    {
        (_state, _question) = (State.Question, question);
        return null;
    }

    private UapiOperation? Line(ReadOnlySpan<byte> line)
    {
        if (line is [.., (byte)'\r'])
            line = line[..^1];
        if (line.IsEmpty)
            return EndSet();
        if (!_hasEquals)
            return Refuse(UapiErrors.Protocol, "a line has no \"=\"");
        var equals = line.IndexOf((byte)'=');
        if (_length > LongestLine || equals < 0)
            return Refuse(UapiErrors.Invalid, $"a line is longer than {LongestLine} bytes");
        return _change!.TryTake(line[..equals], line[(equals + 1)..], out var reason) ? null : Refuse(UapiErrors.Invalid, reason);
    }

    private UapiOperation.Apply EndSet()
    {
        var change = _change!.Build();
        (_state, _change) = (State.Operation, null);
        return new(change);
    }

    private UapiOperation.Refuse Refuse(int error, string reason)
    {
        _change?.Dispose();
        (_state, _change) = (State.PassingOver, null);
        return new(error, reason);
    }

    private UapiOperation.HangUp HangUp()
    {
        _state = State.Closed;
        return new();
    }

    private void ClearLine()
    {
        CryptographicOperations.ZeroMemory(_line.AsSpan(0, Math.Min(_length, LongestLine)));
        (_length, _hasEquals) = (0, false);
    }
}
