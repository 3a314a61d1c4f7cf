using EventDossier.Deadlines;

namespace EventDossier.Audit;

/// <summary>What happened to a dossier, as people call it.</summary>
public static class EventWording
{
    private static readonly Dictionary<string, Wording> _events = new(StringComparer.Ordinal)
    {
        ["dossier_submitted"] = new("Submitted", "Nộp hồ sơ"),
        ["submission_refused"] = new("Refused at intake", "Từ chối tiếp nhận"),
        ["dossier_received"] = new("Received", "Tiếp nhận"),
        ["receipt_voided"] = new("Receipt voided", "Hủy tiếp nhận"),
        ["applicant_corrected"] = new("Applicant corrected", "Sửa người nộp"),
        ["procedure_corrected"] = new("Procedure corrected", "Sửa thủ tục"),
        ["procedure_version_changed"] = new("Moved to another version of the procedure", "Chuyển phiên bản thủ tục"),
        ["slip_reissued"] = new("Slip issued again", "Cấp lại phiếu"),
        ["slip_delivered"] = new("Slip delivered", "Giao phiếu"),
        ["dossier_assigned"] = new("Assigned", "Phân công"),
        ["step_started"] = new("Step begun", "Bắt đầu bước"),
        ["step_completed"] = new("Step done", "Hoàn thành bước"),
        ["hand_over_offered"] = new("Hand-over offered", "Chuyển hồ sơ"),
        ["hand_over_accepted"] = new("Hand-over accepted", "Nhận hồ sơ chuyển"),
        ["hand_over_sent_back"] = new("Hand-over sent back", "Trả lại hồ sơ chuyển"),
        ["consultation_asked"] = new("Opinion asked", "Lấy ý kiến"),
        ["consultation_answered"] = new("Opinion given", "Cho ý kiến"),
        ["dossier_linked"] = new("Linked", "Liên kết hồ sơ"),
        ["document_attached"] = new("Document attached", "Đính kèm tài liệu"),
        ["dossier_held"] = new("Legal hold", "Lệnh lưu giữ"),
        ["dossier_hold_lifted"] = new("Legal hold lifted", "Hết lệnh lưu giữ"),
        ["supplement_requested"] = new("Supplement requested", "Yêu cầu bổ sung"),
        ["supplement_provided"] = new("Supplement provided", "Nộp bổ sung"),
        ["fee_asked"] = new("Fee asked", "Thông báo phí"),
        ["fee_paid"] = new("Fee paid", "Nộp phí"),
        ["dossier_suspended"] = new("Suspended", "Tạm dừng theo quy định"),
        ["dossier_stopped"] = new("Stopped", "Dừng xử lý"),
        ["dossier_resumed"] = new("Resumed", "Tiếp tục xử lý"),
        ["dossier_extended"] = new("Extended, with an apology", "Gia hạn, xin lỗi"),
        ["late_apology"] = new("Late apology", "Xin lỗi muộn"),
        ["due_date_reprojected"] = new("Due date told anew", "Tính lại hạn trả"),
        ["dossier_decided"] = new("Decided", "Quyết định"),
        ["result_ready"] = new("Result ready", "Có kết quả"),
        ["result_returned"] = new("Result returned", "Trả kết quả"),
        ["dossier_withdrawn"] = new("Withdrawn", "Rút hồ sơ"),
        ["dossier_terminated"] = new("Terminated", "Chấm dứt"),
        ["dossier_rated"] = new("Rated", "Đánh giá"),
        ["alert_raised"] = new("Alert raised", "Cảnh báo"),
        ["alert_withdrawn"] = new("Alert withdrawn", "Thu hồi cảnh báo"),
        ["alert_acknowledged"] = new("Alert acknowledged", "Xác nhận cảnh báo"),
        ["alert_snoozed"] = new("Alert put off", "Hoãn cảnh báo"),
        ["number_reserved"] = new("Number reserved", "Giữ trước số hồ sơ"),
        ["number_voided"] = new("Number void", "Hủy số đã giữ"),
        ["progress_tracked"] = new("Told by the owner system", "Trạng thái từ hệ thống chủ quản"),
        ["notice_sent"] = new("Notice sent", "Gửi thông báo"),
        ["activity_imported"] = new("Activity of an older system", "Hoạt động từ hệ thống cũ"),
        ["clock_carried_over"] = new("Clock carried over from an older system", "Chuyển tiếp thời hạn từ hệ thống cũ"),
        ["dossier_imported"] = new("Taken over from an older system", "Chuyển từ hệ thống cũ"),
    };

    /// <param name="name">As stored; one without words is told as it is.</param>
    public static Wording Of(string name) => _events.GetValueOrDefault(name) ?? new(name, name);
}
