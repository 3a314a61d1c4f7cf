using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Web;

/// <summary>How far a dossier has come, as people call it.</summary>
internal static class StageWording
{
    public static Wording Of(Stage stage) => stage switch
    {
        Stage.Unknown => new("unknown", "chưa rõ"),
        Stage.Submitted => new("submitted", "đã nộp"),
        Stage.Received => new("received", "đã tiếp nhận"),
        Stage.InProgress => new("in progress", "đang giải quyết"),
        Stage.Decided => new("decided", "đã quyết định"),
        Stage.ResultReady => new("result ready", "đã có kết quả"),
        Stage.Returned => new("returned", "đã trả kết quả"),
        Stage.Withdrawn => new("withdrawn", "đã rút"),
        Stage.Terminated => new("terminated", "đã chấm dứt"),
        Stage.Refused => new("refused", "từ chối tiếp nhận"),
        Stage.Voided => new("voided", "hủy tiếp nhận"),
        _ => throw new InvalidOperationException($"no words for {stage}"),
    };
}
