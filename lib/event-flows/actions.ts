'use server'

import { action } from '@/lib/web/action'
import { connectBroker } from './commands/connect-broker'
import { deleteEventFlow } from './commands/delete-event-flow'
import { editEventFlow } from './commands/edit-event-flow'
import { sendTestMessage } from './commands/send-test-message'
import { setFlowIntent } from './commands/set-flow-intent'
import { ConnectBroker, EditEventFlow, EventFlowRef, FlowIntentChange, SendTestMessage } from './schema'

export const connectBrokerAction = action(ConnectBroker, connectBroker)
export const editEventFlowAction = action(EditEventFlow, editEventFlow)
export const deleteEventFlowAction = action(EventFlowRef, deleteEventFlow)
export const setFlowIntentAction = action(FlowIntentChange, setFlowIntent)
export const sendTestMessageAction = action(SendTestMessage, sendTestMessage)
